import { replaySchema } from '../../src/wire';
import { startApi, type TestApi } from '../support/api';
import { expectDocument } from '../support/expect-document';
import { interventionLevers, makeInterventions } from '../support/make-interventions';
import { makePattern } from '../support/make-pattern';
import { runCli } from '../support/run-cli';

// What a command prints with `--json` is, byte for byte, what the API answers.

const traceId = '0af7651916cd43dd8448eb211c80319c';

let served: TestApi;
let made: ReadonlyMap<string, string>;

beforeAll(async () => {
  served = await startApi({}, interventionLevers);
  made = await makeInterventions(served.evolution);
  const span = (number: number, attributes: object) => ({
    trace_id: traceId.replace('0af', `0a${number % 8}`),
    span_id: number.toString(16).padStart(16, '0'),
    name: 'a step',
    start_time_unix_nano: '1700000000000000001',
    end_time_unix_nano: '1700000001000000000',
    ...{ task_id: `task-${number % 2}`, execution_id: `run-${number % 8}`, agent_id: 'a/b' },
    attributes,
  });
  const spans = Array.from({ length: 24 }, (_, number) =>
    span(number + 1, {
      'gen_ai.operation.name': 'execute_tool',
      'gen_ai.tool.name': number % 3 === 0 ? 'search' : 'read',
    }),
  );
  await served.call('POST', '/api/v1/spans/batch', { body: { spans } });
  for (let run = 0; run < 8; run += 1) {
    const body = { id: `reward-${run}`, execution_id: `run-${run}`, value: run % 2 };
    await served.call('POST', '/api/v1/rewards', { body });
  }
  await served.evolution.store.storePattern(makePattern());
  await served.evolution.learner.learn();
});

afterAll(() => served.close());

test.each<[command: string, path: string]>([
  ['tasks --limit 1', '/tasks?limit=1'],
  ['tasks --where agent=a/b', '/tasks?agent=a%2Fb'],
  ['tasks show task-1', '/tasks/task-1'],
  ['traces --limit 2', '/traces?limit=2'],
  ['traces show TRACE', '/traces/TRACE?include=attributes,events,links,resource'],
  ['spans --where role=tool,tool=search --limit 3', '/spans?role=tool&tool=search&limit=3'],
  ['spans show SPAN', '/spans/SPAN'],
  ['rewards --where task=task-1', '/rewards?task=task-1'],
  ['rewards show reward-3', '/rewards/reward-3'],
  ['patterns', '/patterns'],
  ['patterns explain pattern-1', '/patterns/pattern-1'],
  ['candidates --by task --min-support 1', '/candidates?by=task&min_support=1'],
  ['ledger --limit 2', '/ledger?limit=2'],
  ['why run-2', '/executions/run-2/why'],
  ['compare --a tool=search', '/differences?a=tool%3Dsearch'],
  ['tradeoffs', '/tradeoffs'],
  ['adapt list', '/adaptations'],
  ['adapt history {adaptation}', '/adaptations/{adaptation}/history'],
  ['experiment list', '/experiments'],
  ['experiment results {experiment}', '/experiments/{experiment}/results'],
  ['configuration list --limit 1', '/configurations?limit=1'],
  ['configuration show {configuration}', '/configurations/{configuration}'],
  ['configuration history', '/configuration-history'],
  ['stats', '/stats'],
])('%s --json is %s', async (command, path) => {
  const placed = (text: string): string =>
    text
      .replace('TRACE', traceId.replace('0af', '0a1'))
      .replace('SPAN', `${traceId.replace('0af', '0a1')}:0000000000000001`)
      .replace(/\{(\w+)\}/, (_, name: string) => made.get(name)!);
  const line = [...placed(command).split(' '), '--db', `sqlite:${served.databaseFile}`, '--json'];
  const printed = await runCli(line);
  expect(printed.err).toBe('');
  const answer = await served.call('GET', `/api/v1${placed(path)}`);
  expect(JSON.parse(printed.out)).toEqual(await answer.json());
});

test('adapt replay --json is a document of its schema', async () => {
  const line = ['adapt', 'replay', made.get('running')!, '--db', `sqlite:${served.databaseFile}`];
  expectDocument(replaySchema, JSON.parse((await runCli([...line, '--json'])).out));
});

test('openapi prints the document of serve', async () => {
  const { out, code } = await runCli(['openapi']);
  expect(code).toBe(0);
  const { paths } = JSON.parse(out) as { paths: object };
  expect(Object.keys(paths)).toEqual(
    expect.arrayContaining(['/v1/traces', '/v1/logs', '/healthz', '/readyz', '/api/v1/tasks']),
  );
});
