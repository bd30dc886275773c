import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEvolution, type Evolution } from '../../src/index';
import {
  adaptationSchema,
  assignmentSchema,
  auditEntrySchema,
  experimentAnalysisSchema,
  experimentSchema,
} from '../../src/wire';
import { makeReward } from '../store/make-reward';
import { makePattern } from '../support/make-pattern';
import { attributes, makeSpan, spanId, traceId } from '../support/make-span';
import { runCli } from '../support/run-cli';

const folder = mkdtempSync(join(tmpdir(), 'cli-experiment-life-'));
const db = `sqlite:${join(folder, 'runs.db')}`;
const before = process.env.EVOLUTION_CONFIG;

beforeAll(async () => {
  const file = join(folder, 'otel-evolution.json');
  const lever = {
    knob: 'window',
    kind: 'config',
    values: { oneOf: ['head', 'tail'] },
    initial: 'head',
  };
  writeFileSync(file, JSON.stringify({ levers: [lever] }));
  process.env.EVOLUTION_CONFIG = file;
  await (await createEvolution({ databaseUrl: db })).close();
});
afterAll(() => {
  if (before === undefined) delete process.env.EVOLUTION_CONFIG;
  else process.env.EVOLUTION_CONFIG = before;
  rmSync(folder, { recursive: true, force: true });
});

const cli = (...line: string[]) => runCli([...line, '--db', db]);
async function json(...line: string[]): Promise<unknown> {
  const { out, err, code } = await cli(...line, '--json');
  expect([err, code]).toEqual(['', 0]);
  return JSON.parse(out) as unknown;
}
const create = (name: string, ...rest: string[]) => [
  ...['experiment', 'create', '--name', name, '--variant', `head:${name}=head,${name}.n=3`],
  ...['--variant', `tail:${name}=tail,${name}.n=4`, ...rest],
];

/** Runs as an agent makes them: the attributes of the assignment on the root, judged afterwards. */
async function runUnits(
  { experiments, sink }: Evolution,
  id: string,
  outcome: (variant: string, i: number) => { readonly value: number; readonly failed: boolean },
): Promise<void> {
  const now = BigInt(Date.now()) * 1_000_000n;
  const runs = Array.from({ length: 800 }, (_, i) => {
    const answer = experiments.assignVariant(id, `task ${i}`);
    const { value, failed } = outcome(answer.variant, i);
    const run = `${id} ${i}`;
    return {
      span: makeSpan({
        traceId: traceId(i + 1),
        spanId: spanId(1),
        startTimeUnixNano: now + BigInt(i),
        endTimeUnixNano: now + BigInt(i + 1),
        status: { code: failed ? 2 : 0, message: null },
        attributes: attributes({
          ...answer.attributes,
          'task.id': `task ${i}`,
          'execution.id': run,
          'gen_ai.operation.name': 'invoke_agent',
        }),
      }),
      reward: makeReward({ id: run, target: { kind: 'execution', executionId: run }, value }),
    };
  });
  await sink.accept({
    spans: runs.map(({ span }) => span),
    rewards: runs.map(({ reward }) => reward),
  });
}

describe('experiment', () => {
  test('is created, listed, assigned and stopped', async () => {
    const split = await cli(...create('a', '--split', '.5,.6'));
    expect([split.code, split.err]).toEqual([3, expect.stringContaining('.5 + 0.6 = 1.1')]);
    const word = await cli(...create('a', '--split', '.5,half'));
    expect([word.code, word.err]).toEqual([3, expect.stringContaining('"half" is no number')]);

    const created = experimentSchema.parse(
      await json(...create('a', '--split', '.5,.5', '--guardrail', 'cost')),
    );
    expect(created).toMatchObject({
      status: 'running',
      variants: [
        { name: 'head', config: { a: 'head', 'a.n': 3 } },
        { name: 'tail', config: { a: 'tail', 'a.n': 4 } },
      ],
      guardrails: [{ metric: 'cost', role: 'guardrail' }],
    });
    const twice = await cli(...create('a', '--split', '.5,.5'));
    expect([twice.code, twice.err]).toEqual([3, expect.stringContaining('is under test')]);

    const { id } = created;
    const assign = async (): Promise<ReturnType<typeof assignmentSchema.parse>> =>
      assignmentSchema.parse(await json('experiment', 'assign', id, 'ticket-7'));
    const [first, second] = [await assign(), await assign()];
    expect([first.source, second.source]).toEqual(['hash', 'stored']);
    expect(second).toEqual({ ...first, source: 'stored' });
    expect(first.attributes['feature_flag.result.variant']).toBe(first.variant);

    expect((await cli('experiment', 'stop', id)).code).toBe(3);
    const stopped = await json('experiment', 'stop', id, '--why', 'enough');
    expect(experimentSchema.parse(stopped)).toMatchObject({ status: 'stopped', reason: 'enough' });
    const { items } = (await json('experiment', 'list', '--status', 'stopped')) as {
      items: unknown[];
    };
    expect(items.map((item) => experimentSchema.parse(item).id)).toEqual([id]);
    expect((await cli('experiment', 'results', 'none')).code).toBe(1);
  });

  test('results: the verdict first, the forest plot beside it; 8 where a guardrail is harmed', async () => {
    const options = ['--split', '.5,.5'];
    const good = experimentSchema.parse(await json(...create('b', ...options)));
    const bad = experimentSchema.parse(
      await json(...create('c', ...options, '--guardrail', 'errors')),
    );
    const evolution = await createEvolution({ databaseUrl: db });
    await runUnits(evolution, good.id, (variant, i) => ({
      value: (variant === 'tail' ? i % 10 < 8 : i % 10 < 4) ? 1 : 0,
      failed: false,
    }));
    const shipped = await cli('experiment', 'results', good.id);
    expect(shipped.code).toBe(0);
    expect(shipped.out).toMatch(/^Tail is better than control by \d+\.\d points after \d+ units/);
    expect(shipped.err).toMatch(/tail .*├─*●─*┤/);
    const analysis = await json('experiment', 'results', good.id);
    expect(experimentAnalysisSchema.parse(analysis)).toMatchObject({
      decision: 'ship',
      winner: 'tail',
      wording: 'causes',
    });

    // Every second unit of each arm: who gets what is drawn anew each time, and no draw may make a difference of it.
    const units = new Map<string, number>();
    const placeOf = (variant: string): number => {
      const place = units.get(variant) ?? 0;
      units.set(variant, place + 1);
      return place;
    };
    await runUnits(evolution, bad.id, (variant, i) => ({
      value: placeOf(variant) % 2,
      failed: variant === 'tail' && i % 3 === 0,
    }));
    await evolution.close();
    const harmed = await cli('experiment', 'results', bad.id);
    expect(harmed.out).toMatch(/^Tail harms errors\./);
    expect(harmed.out).toContain('Guardrail errors, tail: +');
    expect(harmed.code).toBe(8);
  }, 120_000);
});

test('adapt: from a pattern to 5 % and back, with a history', async () => {
  const evolution = await createEvolution({ databaseUrl: db });
  await evolution.store.storePattern(
    makePattern({
      id: 'abc123',
      status: 'confirmed',
      controllable: true,
      predicate: {
        text: 'config:window=tail',
        terms: [{ kind: 'config', key: 'window', op: '=', value: 'tail' }],
      },
    }),
  );
  await evolution.store.storePattern(makePattern({ id: 'def456' }));
  await evolution.close();

  const refused = await cli('adapt', 'propose', 'def');
  expect(refused.err).toContain('Nothing is proposed: ');
  expect(refused.code).not.toBe(0);
  const one = async (...line: string[]) => {
    const { items } = (await json('adapt', ...line)) as { items: unknown[] };
    expect(items).toHaveLength(1);
    return adaptationSchema.parse(items[0]);
  };
  const { id, ...proposed } = await one('propose', 'abc', '--by', 'ada');
  expect(proposed).toMatchObject({ knob: 'window', from: 'head', to: 'tail', status: 'proposed' });
  const early = await cli('adapt', 'apply', id);
  expect([early.code, early.err]).toEqual([1, expect.stringContaining('cannot become')]);
  expect((await one('approve', id, '--by', 'ada')).status).toBe('approved');
  expect(await one('apply', id)).toMatchObject({ status: 'rolling_out', traffic_percent: 5 });
  expect((await cli('adapt')).out).toContain('window: "head" → "tail"');
  expect(await one('rollback', id, '--why', 'complaints')).toMatchObject({
    status: 'rolled_back',
    traffic_percent: 0,
  });
  const { items } = (await json('adapt', 'history', id)) as { items: unknown[] };
  expect(
    items.map((item) => auditEntrySchema.parse(item)).map(({ actor, to }) => [actor, to]),
  ).toEqual([
    ['ada', 'proposed'],
    ['ada', 'approved'],
    ['command line', 'rolling_out'],
    ['command line', 'rolled_back'],
  ]);
  const { out } = await cli('adapt', 'history', id);
  expect(out).toMatch(
    /^window: "head" → "tail", expected 20\.0 points .*\n(.*\n){3}.*complaints\n$/,
  );
  const replayed = await cli('adapt', 'replay', id);
  expect([replayed.code, replayed.out]).toEqual([
    0,
    '0 of 0 steps of the loop follow bit for bit from what is stored.\n',
  ]);
  expect(await json('adapt', 'replay', id)).toEqual({ items: [] });
});
