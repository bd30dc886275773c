import { createEvolution } from '../../src/runtime';
import { newFolder } from '../support/run-program';
import { runCli } from '../support/run-cli';

const databaseUrl = `sqlite:${newFolder()}/test.db`;
const stack = 'no such order\n    at find (/srv/app/orders.js:12:5)\n    at node:internal/main';

beforeAll(async () => {
  const evolution = await createEvolution({ databaseUrl });
  const { tracker } = evolution;
  await tracker.withTask({ id: 'ticket-17' }, () =>
    tracker.withExecution({ agent: { id: 'support' } }, async (span) => {
      const failed = tracker.startSpan({ name: 'execute_tool find' });
      failed.span.setStatus({ code: 2, message: stack });
      failed.end();
      await tracker.linkReward(span, { value: 1 });
    }),
  );
  await evolution.close();
});

const run = (...args: string[]) => runCli([...args, '--db', databaseUrl]);

test('since=7d was refused: a span of time means so long before now', async () => {
  expect((await run('traces', '--where', 'since=7d')).out).toContain('support');
  expect((await run('traces', '--where', 'until=7d')).out).not.toContain('support');
  const wrong = await run('traces', '--where', 'since=yesterdayish');
  expect(wrong).toMatchObject({ code: 3, out: '' });
  expect(wrong.err).toMatch(/7d/);
});

test('prefixes of ids worked for patterns only: tasks, traces, spans and rewards have them too', async () => {
  for (const list of ['tasks', 'traces', 'spans', 'rewards']) {
    const json = JSON.parse((await run(list, '--json')).out) as {
      items: { id?: string; trace_id: string; span_id: string }[];
    };
    const [item] = json.items;
    const id = item!.id ?? (list === 'spans' ? item!.span_id : item!.trace_id);
    const shown = await run(list, 'show', id.slice(0, 8), '--json');
    expect(shown).toMatchObject({ code: 0, err: '' });
    expect(shown.out).toContain(id);
  }
});

test('an error showed its whole stack: its first line only', async () => {
  const spans = await run('spans');
  expect(spans.out).toContain('no such order');
  const trace = await run('traces', 'show', /^[0-9a-f]{32}/m.exec((await run('traces')).out)![0]);
  expect(trace.out).toContain('no such order');
  for (const { out } of [spans, trace]) expect(out).not.toContain('orders.js');
});

test('spans read `invoke_agent` without the agent', async () => {
  expect((await run('spans')).out).toContain('invoke_agent support');
});

test('help does not say "print what the HTTP API answers"', async () => {
  for (const command of [['tasks', 'list'], ['traces', 'show'], ['stats']]) {
    const { out } = await runCli([...command, '--help']);
    expect(out).toMatch(/--json +print JSON/i);
    expect(out).not.toMatch(/HTTP API answers/);
  }
});
