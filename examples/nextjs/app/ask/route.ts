import { linkReward } from 'otel-evolution';
import { getEvolution } from '../../evolution';

/** An agent that counts words, and judges itself. */
export async function GET(request: Request) {
  const question = new URL(request.url).searchParams.get('question') ?? '';
  const { tracker } = await getEvolution();
  const words = await tracker.withTask({ type: 'count-words' }, () =>
    tracker.withExecution({ agent: { id: 'counter' } }, async (span) => {
      const count = question.split(/\s+/).filter(Boolean).length;
      await linkReward(span, { value: count > 0 ? 1 : 0, source: 'code' });
      return count;
    }),
  );
  return Response.json({ words });
}
