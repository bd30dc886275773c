import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError, createEvolution, type Evolution, type Lever } from '../../src/index';
import { makeReward } from '../store/make-reward';
import { makePattern } from '../support/make-pattern';
import { attributes, makeSpan, spanId, traceId } from '../support/make-span';

const folder = mkdtempSync(join(tmpdir(), 'evolution-interventions-'));
const opened: Evolution[] = [];
let count = 0;
let databaseUrl: string;
beforeEach(() => {
  count += 1;
  databaseUrl = `sqlite:${join(folder, `${count}.db`)}`;
});
afterEach(async () => {
  for (const evolution of opened.splice(0)) await evolution.close();
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const levers: Lever[] = [
  {
    knob: 'window',
    kind: 'config',
    values: { oneOf: ['head', 'tail'] },
    initial: 'head',
  },
];

/** As another process would. */
async function open(options: Parameters<typeof createEvolution>[0] = {}): Promise<Evolution> {
  const evolution = await createEvolution({ databaseUrl, levers, ...options });
  opened.push(evolution);
  return evolution;
}

const input = {
  name: 'window',
  variants: [
    { name: 'control', config: { window: 'head' } },
    { name: 'treatment', config: { window: 'tail' } },
  ],
  trafficSplit: [0.5, 0.5],
  successMetric: 'success',
} as const;

describe('experiments', () => {
  test('an assignment is stored on the way out, and wins in the next process over a new split', async () => {
    const first = await open();
    const { id } = await first.experiments.create(input);
    const units = Array.from({ length: 200 }, (_, i) => `task ${i}`);
    const before = units.map((unit) => first.experiments.assignVariant(id, unit));
    expect(new Set(before.map(({ variant }) => variant)).size).toBe(2);
    await first.close();

    const second = await open();
    await second.experiments.changeSplit(id, [0.02, 0.98]);
    await second.close();

    const third = await open();
    const after = units.map((unit) => third.experiments.assignVariant(id, unit));
    expect(after.map(({ variant }) => variant)).toEqual(before.map(({ variant }) => variant));
    expect(new Set(after.map(({ source }) => source))).toEqual(new Set(['stored']));
    const fresh = units.map((unit) => third.experiments.assignVariant(id, `new ${unit}`));
    const treated = fresh.filter(({ variant }) => variant === 'treatment').length;
    expect(treated).toBeGreaterThan(180);
  });

  test('the stamped spans decide it: the winner ships, with its evidence in the audit', async () => {
    const evolution = await open();
    const { id } = await evolution.experiments.create(input);
    const rewards: ReturnType<typeof makeReward>[] = [];
    const spans = Array.from({ length: 600 }, (_, i) => {
      const answer = evolution.experiments.assignVariant(id, `task ${i}`);
      const works = answer.variant === 'treatment' ? i % 10 < 8 : i % 10 < 4;
      rewards.push(
        makeReward({
          id: `r${i}`,
          target: { kind: 'execution', executionId: `run ${i}` },
          value: works ? 1 : 0,
        }),
      );
      return makeSpan({
        traceId: traceId(i + 1),
        spanId: spanId(1),
        startTimeUnixNano: BigInt(Date.now()) * 1_000_000n + BigInt(i),
        endTimeUnixNano: BigInt(Date.now()) * 1_000_000n + BigInt(i + 1),
        attributes: attributes({
          ...answer.attributes,
          'task.id': `task ${i}`,
          'gen_ai.operation.name': 'invoke_agent',
          'execution.id': `run ${i}`,
        }),
      });
    });
    await evolution.sink.accept({ spans, rewards });
    const analysis = await evolution.experiments.analyze(id);
    expect(analysis).toMatchObject({ decision: 'ship', winner: 'treatment', wording: 'causes' });
    expect(await evolution.experiments.get(id)).toMatchObject({
      status: 'decided',
      winner: 'treatment',
    });
    const audit = await evolution.store.readAudit({ kind: 'experiment', id });
    expect(audit.map(({ to }) => to)).toEqual(['running', 'decided']);
    expect(audit[1]).toMatchObject({ actor: 'decision rule', evidence: { winner: 'treatment' } });
    // Everybody gets the winner from here on.
    expect(evolution.experiments.assignVariant(id, 'anybody').variant).toBe('treatment');
  });

  test('a metric is a dimension that rewards brought, or one that was declared', async () => {
    const evolution = await open({ dimensions: ['tone'] });
    const about = (successMetric: string) =>
      evolution.experiments.create({ ...input, name: successMetric, successMetric });
    await expect(about('speed')).rejects.toThrow(ConfigError);
    const first = await about('tone');
    await evolution.experiments.stop(first.id, 'enough');
    await evolution.tracker.withTask({ id: 't' }, () =>
      evolution.tracker.withExecution({ id: 'e' }, () => Promise.resolve()),
    );
    await evolution.store.recordReward(makeReward({ dimensions: { speed: 1 } }));
    expect((await about('speed')).successMetric).toBe('speed');
  });
});

describe('adaptations', () => {
  const pattern = makePattern({
    controllable: true,
    status: 'confirmed',
    predicate: {
      text: 'config:window=tail',
      terms: [{ kind: 'config', key: 'window', op: '=', value: 'tail' }],
    },
  });

  test('a change that one process applies is what another resolves, until the switch is off', async () => {
    const operator = await open();
    const agent = await open();
    const proposed = await operator.adaptation.propose(pattern, 'ada');
    if (proposed.kind !== 'proposed') throw new Error(proposed.reason);
    const { id } = proposed.adaptation;
    await operator.adaptation.approve(id, 'ada');
    await operator.adaptation.apply(id, { name: 'ada', automatic: false });
    await agent.adaptation.refresh();

    const treated = Array.from({ length: 1_000 }, (_, i) =>
      agent.adaptation.resolve({ unit: `task ${i}` }, { window: 'head' }),
    ).filter(({ config }) => config.window === 'tail').length;
    // 5 % less the tenth that is held back.
    expect(treated).toBeGreaterThan(20);
    expect(treated).toBeLessThan(80);
    expect((await agent.adaptation.history(id)).map(({ to }) => to)).toEqual([
      'proposed',
      'approved',
      'rolling_out',
    ]);

    await operator.adaptation.setEnabled(false, 'ada', 'an incident');
    await agent.adaptation.refresh();
    const off = Array.from({ length: 1_000 }, (_, i) =>
      agent.adaptation.resolve({ unit: `task ${i}` }, { window: 'head' }),
    );
    expect(off.every(({ config, stale }) => config.window === 'head' && !stale)).toBe(true);
  });

  test('two that raise one at once: the second is told', async () => {
    const operators = [await open({ approval: 'standing' }), await open()];
    const proposed = await operators[0]!.adaptation.propose(pattern);
    if (proposed.kind !== 'proposed') throw new Error(proposed.reason);
    expect(proposed.adaptation.status).toBe('approved');
    const raised = await Promise.allSettled(
      operators.map(({ adaptation }) =>
        adaptation.apply(proposed.adaptation.id, { name: 'ada', automatic: false }),
      ),
    );
    expect(raised.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const [now] = await operators[1]!.adaptation.list();
    expect(now).toMatchObject({ trafficPercent: 5, revision: 3 });
  });

  test('a lever that cannot be one is refused when the database is opened', async () => {
    for (const wrong of [
      { knob: 'window' },
      { ...levers[0], values: { oneOf: ['head'] } },
      { ...levers[0], values: { oneOf: 'head' } },
      { ...levers[0], initial: 'middle' },
    ]) {
      await expect(open({ levers: [wrong as Lever] })).rejects.toThrow(ConfigError);
    }
    await expect(open({ levers: 'window' as unknown as Lever[] })).rejects.toThrow(
      /levers: expected/,
    );
    await expect(open({ approval: 'never' as 'standing' })).rejects.toThrow('"standing"');
  });
});
