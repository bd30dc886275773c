// An agent behind HTTP whose users judge its answers later.
// node --import otel-evolution/register --import ./instrumentation.mjs server.mjs
import express from 'express';
import { getGlobalTracker, linkReward } from 'otel-evolution';

const app = express();
app.use(express.json());

app.post('/ask', async (request, response) => {
  const { ticket, question } = request.body;
  const tracker = getGlobalTracker();
  const answer = await tracker.withTask({ id: ticket, type: 'support', input: question }, () =>
    tracker.withExecution(
      { agent: { id: 'support', version: '1.0.0' }, config: { tone: 'plain' } },
      async (span) => {
        const found = await useTool(tracker, 'search', () => search(question));
        return { text: found ?? 'I do not know.', span: span.spanContext() };
      },
    ),
  );
  response.json(answer);
});

// What came with the answer names the span that is judged, in this process or in another, now or next week.
app.post('/feedback', async (request, response) => {
  const { span, helpful } = request.body;
  const id = await linkReward(span, { value: helpful ? 1 : 0, source: 'human' });
  response.status(201).json({ id });
});

const server = app.listen(Number(process.env.PORT ?? 8080), '127.0.0.1', () => {
  console.log(`ready on ${server.address().port}`);
});
process.on('SIGTERM', () => server.close());

function search(question) {
  const articles = { refund: 'Refunds take five days.', delivery: 'Delivery takes two days.' };
  const word = Object.keys(articles).find((word) => question.includes(word));
  return articles[word] ?? null;
}

function useTool(tracker, tool, run) {
  const attributes = { 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': tool };
  return tracker.track({ name: `execute_tool ${tool}`, attributes }, async () => run());
}
