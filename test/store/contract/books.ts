import { InputError, NotFoundError } from '../../../src/errors';
import type { Adaptation } from '../../../src/model/adaptation';
import type { Assignment, Experiment, Observation } from '../../../src/model/experiment';
import type { EvidenceEntry, EvidencePage } from '../../../src/model/ports-adaptation';
import type { AuditEntry } from '../../../src/model/ports-experiments';
import type { EvolutionStore } from '../../../src/model/ports';
import type { StoreOptions } from '../../../src/store';
import { attributes } from '../../support/make-span';
import type { StoreHarness } from './harness';

const base = 1_700_000_000_000_000_001n;

const experiment = (change: Partial<Experiment> = {}): Experiment => ({
  id: 'x1',
  name: 'window',
  key: 'window',
  version: 1,
  unit: 'task',
  variants: [
    { name: 'control', config: attributes({ window: 'head' }) },
    {
      name: 'treatment',
      config: attributes({ window: 'tail', $int64: 'no number', 'a "b"': [1] }),
    },
  ],
  trafficSplit: [0.5, 0.5],
  successMetric: { weights: { reward: 0.7, $number: 0.3 } },
  rules: {
    arms: [
      { name: 'control', share: 0.5 },
      { name: 'treatment', share: 0.5 },
    ],
    alpha: 0.05,
    minimumUnitsPerArm: 100,
    cap: 3_000,
    minimumEffect: 0.05,
    guardrails: [
      {
        metric: 'cost',
        kind: 'ratio_of_means',
        higherIsBetter: false,
        margin: 0.1,
        role: 'guardrail',
      },
    ],
    guardrailUnits: 1_000,
    guardrailRun: 200,
    sampleRatioLimit: Infinity,
  },
  horizonHours: 24,
  durationDays: 14,
  rollOutWinner: false,
  allocation: 'split',
  floor: 0.05,
  status: 'running',
  decision: 'continue',
  winner: null,
  reason: null,
  startedAtUnixNano: base,
  decidedAtUnixNano: null,
  ...change,
});

const audit = (
  kind: AuditEntry['subject']['kind'],
  id: string,
  change: Partial<AuditEntry> = {},
): AuditEntry => ({
  subject: { kind, id },
  atUnixNano: base,
  actor: 'somebody',
  from: null,
  to: 'running',
  reason: 'created',
  evidence: { e_value: Infinity, units: 12, $int64: 'text', note: null },
  ...change,
});

const assignment = (unit: string, change: Partial<Assignment> = {}): Assignment => ({
  experimentId: 'x1',
  unit,
  variant: 'control',
  propensities: { control: 0.5, treatment: 0.5 },
  bucket: 0.1234567890123456,
  assignedAtUnixNano: base,
  ...change,
});

const adaptation = (change: Partial<Adaptation> = {}): Adaptation => ({
  id: 'a1',
  revision: 1,
  kind: 'config',
  knob: 'window',
  from: 'head',
  to: 'tail',
  inverse: { knob: 'window', to: 'head' },
  context: { agentId: null, taskType: 'airline' },
  patternId: 'p1',
  dimension: 'reward',
  expected: { effect: 0.1, interval: { lower: -Infinity, upper: Infinity } },
  uncertain: 'goes with the outcome',
  status: 'proposed',
  trafficPercent: 0,
  holdBackPercent: 10,
  causalEvidence: null,
  retests: 0,
  fromVersionId: null,
  toVersionId: null,
  signals: [],
  pausedBy: null,
  resumedAtUnixNano: null,
  createdAtUnixNano: base,
  startedAtUnixNano: null,
  raisedAtUnixNano: null,
  outcome: null,
  ...change,
});

/** Experiments with their assignments, adaptations, configurations, and the audit of them. */
export function bookContract(harness: StoreHarness): void {
  let url: string;
  let store: EvolutionStore;
  const opened: EvolutionStore[] = [];
  const openAgain = async (options?: StoreOptions): Promise<EvolutionStore> => {
    const another = await harness.openAt(url, options);
    opened.push(another);
    return another;
  };
  beforeEach(async () => {
    url = harness.newUrl();
    store = await openAgain();
  });
  // Not at the end of the suite: a server has so many connections only.
  afterEach(async () => {
    for (const one of opened.splice(0)) await one.close();
  });
  const create = (change: Partial<Experiment> = {}) => {
    const created = experiment(change);
    return store.createExperiment(created, audit('experiment', created.id));
  };
  const stored = async (id: string, from: EvolutionStore = store): Promise<Assignment[]> => {
    const all: Assignment[] = [];
    for await (const one of from.readAssignments(id)) all.push(one);
    return all;
  };

  describe('experiments', () => {
    it('come back exactly, with keys that look like our own marks', async () => {
      await create();
      expect(await store.getExperiment('x1')).toEqual(experiment());
      expect(await store.getExperiment('x2')).toBeNull();
      expect(await store.readAudit({ kind: 'experiment', id: 'x1' })).toEqual([
        audit('experiment', 'x1'),
      ]);
    });

    it('are listed in the order of creation, by status and key', async () => {
      await create({ id: 'x2', key: 'b' });
      await create({ id: 'x1', key: 'a', status: 'stopped' });
      await create({ id: 'x3', key: 'a' });
      const ids = async (filter?: Parameters<EvolutionStore['listExperiments']>[0]) =>
        (await store.listExperiments(filter)).map(({ id }) => id);
      expect(await ids()).toEqual(['x2', 'x1', 'x3']);
      expect(await ids({ status: 'running' })).toEqual(['x2', 'x3']);
      expect(await ids({ key: 'a' })).toEqual(['x1', 'x3']);
      expect(await ids({ key: 'a', status: 'stopped' })).toEqual(['x1']);
    });

    it('are refused under an id that exists, and under a key that runs; nothing is stored then', async () => {
      await create();
      await expect(create({ name: 'other', key: 'other' })).rejects.toThrow(InputError);
      await expect(create({ id: 'x2' })).rejects.toThrow(/"window" is running already/);
      expect(await store.getExperiment('x1')).toEqual(experiment());
      expect(await store.getExperiment('x2')).toBeNull();
      expect(await store.readAudit({ kind: 'experiment', id: 'x2' })).toEqual([]);
      expect(await store.readAudit({ kind: 'experiment', id: 'x1' })).toHaveLength(1);
    });

    it('that two processes start under one key at once: one runs', async () => {
      const other = await openAgain();
      const started = await Promise.allSettled(
        [store, other].map((one, index) =>
          one.createExperiment(experiment({ id: `y${index}` }), audit('experiment', `y${index}`)),
        ),
      );
      expect(started.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
      expect(await store.listExperiments({ status: 'running' })).toHaveLength(1);
    });

    it('change with an audit row, and only from the status that was read', async () => {
      await create();
      const stopped = experiment({ status: 'stopped', reason: 'enough', decidedAtUnixNano: base });
      const step = audit('experiment', 'x1', { from: 'running', to: 'stopped', reason: 'enough' });
      expect(await store.updateExperiment(stopped, 'running', step)).toBe(true);
      const late = experiment({ status: 'decided', decision: 'ship', winner: 'treatment' });
      expect(await store.updateExperiment(late, 'running', step)).toBe(false);
      expect(await store.getExperiment('x1')).toEqual(stopped);
      expect(await store.readAudit({ kind: 'experiment', id: 'x1' })).toEqual([
        audit('experiment', 'x1'),
        step,
      ]);
      await create({ id: 'x2' });
    });

    it('keep what a decision rests on, with it or not at all, and nobody by name', async () => {
      await create();
      const decided = experiment({ status: 'decided', decision: 'ship', winner: 'treatment' });
      const step = audit('experiment', 'x1', { from: 'running', to: 'decided' });
      const seen = Array.from({ length: 2_100 }, (_, i): Observation => ({
        ...{ unit: `somebody-${i}`, arm: i % 2 === 0 ? 'control' : 'treatment', context: null },
        ...{ value: i % 7 === 0 ? null : 0.1 * (i % 7), measures: { cost: 0.1 + 0.2 } },
        propensities: { control: 0.3, treatment: 0.7 },
      }));
      expect(await store.readObservations('x1')).toBeNull();
      expect(await store.updateExperiment(decided, 'stopped', step, seen)).toBe(false);
      expect(await store.readObservations('x1')).toBeNull();
      expect(await store.updateExperiment(decided, 'running', step, seen)).toBe(true);
      expect(await store.readObservations('x1')).toEqual(
        seen.map((one, i) => ({ ...one, unit: String(i) })),
      );
      await create({ id: 'x2' });
      const none = experiment({ id: 'x2', status: 'stopped' });
      expect(await store.updateExperiment(none, 'running', audit('experiment', 'x2'), [])).toBe(
        true,
      );
      expect(await store.readObservations('x2')).toEqual([]);
    });
  });

  describe('assignments', () => {
    it('stay as they were stored first, and are given in the order of the request', async () => {
      await create();
      expect(await store.storeAssignments([])).toEqual([]);
      const first = [assignment('u2'), assignment('u1', { variant: 'treatment', bucket: 0.75 })];
      expect(await store.storeAssignments(first)).toEqual(first);
      const again = await store.storeAssignments([
        assignment('u3', { assignedAtUnixNano: base + 5n }),
        assignment('u1', { variant: 'control', propensities: { control: 0.9, treatment: 0.1 } }),
        assignment('u3', { variant: 'treatment' }),
      ]);
      expect(again.map(({ unit, variant }) => [unit, variant])).toEqual([
        ['u3', 'control'],
        ['u1', 'treatment'],
        ['u3', 'control'],
      ]);
      expect(await store.getAssignment('x1', 'u1')).toEqual(first[1]);
      expect(await store.getAssignment('x1', 'u4')).toBeNull();
      expect(await store.getAssignment('x2', 'u1')).toBeNull();
      expect((await stored('x1')).map(({ unit }) => unit)).toEqual(['u1', 'u2', 'u3']);
    });

    it('keep units of two experiments apart, and units that no database can hold', async () => {
      await create();
      await create({ id: 'x2', key: 'other' });
      const odd = 'nul\0 and \ud800';
      const asked = [
        assignment(odd),
        assignment(odd, { experimentId: 'x2', variant: 'treatment' }),
        assignment("'; DROP TABLE assignments --"),
      ];
      expect(await store.storeAssignments(asked)).toEqual(asked);
      expect((await store.getAssignment('x2', odd))?.variant).toBe('treatment');
      expect(await stored('x2')).toHaveLength(1);
    });

    it('of an experiment that is not stored are refused, with their neighbours', async () => {
      await create();
      await expect(
        store.storeAssignments([assignment('u1'), assignment('u2', { experimentId: 'x9' })]),
      ).rejects.toThrow(NotFoundError);
      expect(await stored('x1')).toEqual([]);
    });

    it('are read in pages, all of them', async () => {
      await create();
      const units = Array.from({ length: 4_100 }, (_, index) => assignment(`u${index}`));
      await store.storeAssignments(units);
      const read = await stored('x1');
      expect(new Set(read.map(({ unit }) => unit)).size).toBe(4_100);
      expect(read).toHaveLength(4_100);
    });

    it('made by two connections at once: each of 2,000 units has one variant, none is lost', async () => {
      await create();
      // Twenty calls at once wait for the connections of a pool, on a busy machine longer than the two seconds.
      const patient = { retryMillis: 20_000 };
      const [one, other] = [await openAgain(patient), await openAgain(patient)];
      const units = Array.from({ length: 2_000 }, (_, index) => `unit ${index}`);
      /** Each process believes in a variant of its own, and goes through the units its own way. */
      const assign = async (from: EvolutionStore, variant: string, order: readonly string[]) => {
        const answers = new Map<string, string>();
        const parts = Array.from({ length: 20 }, (_, part) =>
          order.slice(part * 100, part * 100 + 100),
        );
        await Promise.all(
          parts.map(async (part) => {
            const given = await from.storeAssignments(
              part.map((unit) => assignment(unit, { variant })),
            );
            for (const one of given) answers.set(one.unit, one.variant);
          }),
        );
        return answers;
      };
      const [a, b] = await Promise.all([
        assign(one, 'control', units),
        assign(other, 'treatment', [...units].reverse()),
      ]);
      const read = await stored('x1', other);
      expect(read).toHaveLength(2_000);
      const variants = new Map(read.map(({ unit, variant }) => [unit, variant]));
      expect(variants.size).toBe(2_000);
      expect(a).toEqual(variants);
      expect(b).toEqual(variants);
    });
  });

  describe('adaptations', () => {
    it('come back exactly, and change only from the revision that was read', async () => {
      await store.createAdaptation(adaptation(), audit('adaptation', 'a1', { to: 'proposed' }));
      expect(await store.getAdaptation('a1')).toEqual(adaptation());
      expect(await store.getAdaptation('a2')).toBeNull();
      await expect(store.createAdaptation(adaptation(), audit('adaptation', 'a1'))).rejects.toThrow(
        InputError,
      );

      const other = await openAgain();
      const next = adaptation({ revision: 2, status: 'approved', causalEvidence: Infinity });
      const step = audit('adaptation', 'a1', { from: 'proposed', to: 'approved' });
      const both = await Promise.all([
        store.updateAdaptation(next, step),
        other.updateAdaptation(next, step),
      ]);
      expect(both.sort()).toEqual([false, true]);
      expect(await other.getAdaptation('a1')).toEqual(next);
      expect(await store.readAudit({ kind: 'adaptation', id: 'a1' })).toHaveLength(2);
      expect(await store.readAudit({ kind: 'experiment', id: 'a1' })).toEqual([]);
    });

    it('are listed by status in the order of creation', async () => {
      for (const [id, status] of [
        ['b', 'active'],
        ['a', 'proposed'],
        ['c', 'active'],
      ] as const) {
        await store.createAdaptation(adaptation({ id, status }), audit('adaptation', id));
      }
      const ids = async (filter?: { status: Adaptation['status'] }) =>
        (await store.listAdaptations(filter)).map(({ id }) => id);
      expect(await ids()).toEqual(['b', 'a', 'c']);
      expect(await ids({ status: 'active' })).toEqual(['b', 'c']);
      expect(await ids({ status: 'rejected' })).toEqual([]);
    });

    it('keep what their steps rest on as a list that two cannot go on with at once', async () => {
      const begun = { kind: 'begun', atUnixNano: base } as const;
      const entries = Array.from({ length: 60 }, (_, run) => ({
        ...{ kind: 'run', unit: 2 ** 53 - 1 - run, run, treated: true, propensity: 0.9 },
        ...{ taskType: 'nul\0 and \ud800', value: 1 / 3, signals: { cost_usd: 0.1 + 0.2 } },
      })) as readonly EvidenceEntry[];
      const pages = [begun, ...entries].map((entry, first) => ({
        ...{ first, entries: [entry], runCursor: first, outcomeCursor: 7 },
      }));
      for (const page of pages) expect(await store.appendEvidence('a1', page)).toBe(true);
      const other = await openAgain();
      const page = { first: 61, entries: [], runCursor: 0, outcomeCursor: 0 };
      const both = [store.appendEvidence('a1', page), other.appendEvidence('a1', page)];
      expect((await Promise.all(both)).sort()).toEqual([false, true]);
      const read: EvidencePage[] = [];
      for await (const one of other.readEvidence('a1')) read.push(one);
      expect(read).toEqual([...pages, page]);
      expect(await other.readEvidence('a')[Symbol.asyncIterator]().next()).toMatchObject({
        done: true,
      });
    });

    it('are switched off for everybody', async () => {
      const other = await openAgain();
      expect(await store.areAdaptationsEnabled()).toBe(true);
      const off = audit('adaptation', '*', { from: 'on', to: 'off' });
      await store.setAdaptationsEnabled(false, off);
      expect(await other.areAdaptationsEnabled()).toBe(false);
      await other.setAdaptationsEnabled(true, audit('adaptation', '*', { from: 'off', to: 'on' }));
      expect(await store.areAdaptationsEnabled()).toBe(true);
      const rows = await store.readAudit({ kind: 'adaptation', id: '*' });
      expect(rows.map(({ to }) => to)).toEqual(['off', 'on']);
    });
  });

  it('refuses to change or remove an audit row or what it rests on, whoever asks', async () => {
    await create();
    const page = { first: 0, entries: [], runCursor: 1, outcomeCursor: 2 };
    await store.appendEvidence('a1', page);
    const connection = await harness.connect(url);
    for (const sql of [
      `UPDATE audit SET reason = 'another'`,
      'DELETE FROM audit',
      `UPDATE evidence SET entries = '[]'`,
      'DELETE FROM evidence',
    ]) {
      await expect(connection.raw(sql)).rejects.toThrow('append-only');
    }
    await connection.destroy();
    expect(await store.readAudit({ kind: 'experiment', id: 'x1' })).toEqual([
      audit('experiment', 'x1'),
    ]);
    expect(await store.appendEvidence('a1', page)).toBe(false);
  });

  describe('configuration versions', () => {
    const version = (digit: string, change = {}) => ({
      id: digit.repeat(64),
      config: attributes({ window: 'tail', 'nul\0': '\ud800', limit: { int: '9007199254740993' } }),
      label: null,
      actor: 'somebody',
      createdAtUnixNano: base,
      parentId: null,
      ...change,
    });

    it('are kept by their hash, character by character; the first one stays', async () => {
      await store.storeConfigurationVersion(version('a', { label: 'first' }));
      await store.storeConfigurationVersion(version('a', { label: 'second', actor: 'other' }));
      await store.storeConfigurationVersion(version('b', { parentId: 'a'.repeat(64) }));
      expect(await store.getConfigurationVersion('a'.repeat(64))).toEqual(
        version('a', { label: 'first' }),
      );
      expect(await store.getConfigurationVersion('c'.repeat(64))).toBeNull();
      const listed = await store.listConfigurationVersions({ limit: 10 });
      expect(listed.items).toEqual([
        version('b', { parentId: 'a'.repeat(64) }),
        version('a', { label: 'first' }),
      ]);
      const first = await store.listConfigurationVersions({ limit: 1 });
      const second = await store.listConfigurationVersions({
        limit: 1,
        cursor: first.nextCursor ?? undefined,
      });
      expect([...first.items, ...second.items]).toEqual(listed.items);
      expect(second.nextCursor).toBeNull();
    });

    it('need an id that is a hash, and a limit that is one', async () => {
      await expect(store.storeConfigurationVersion(version('x'))).rejects.toThrow(InputError);
      await expect(store.listConfigurationVersions({ limit: 0 })).rejects.toThrow(InputError);
    });
  });
}
