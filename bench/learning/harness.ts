import { parseArgs } from 'node:util';
import { createPatternLearner, type LearningSettings, type LearnSummary } from '../../src/learning';
import type { ClosedExecution } from '../../src/model/learning';
import type { LedgerEntry, Look, Pattern } from '../../src/model/pattern';
import type { ExecutionReader, LearningMemory } from '../../src/model/ports-learning';
import { clopperPearson } from '../../src/stats';
import { plotShares } from './plot';

export interface BenchOptions {
  readonly streams: number;
  readonly seed: string;
  readonly units: readonly number[];
  readonly kinds: readonly string[] | null;
  readonly agents: number;
  readonly features: number;
  readonly effect: number;
  /** Of planted facts; `null`: drawn. */
  readonly factSupports: readonly number[] | null;
}

/**
 * `--streams N --seed S --units 300,1000 --kinds drift,skill --agents N --features M --effect E
 * --supports .5,.3,.5`.
 */
export function readOptions(defaults: Partial<BenchOptions> = {}): BenchOptions {
  const { values } = parseArgs({
    options: Object.fromEntries(
      ['streams', 'seed', 'units', 'kinds', 'agents', 'features', 'effect', 'supports'].map(
        (name) => [name, { type: 'string' as const }],
      ),
    ),
  });
  const number = (text: unknown, otherwise: number): number =>
    typeof text === 'string' ? Number(text) : otherwise;
  return {
    streams: number(values['streams'], defaults.streams ?? 40),
    seed: typeof values['seed'] === 'string' ? values['seed'] : '1',
    units:
      typeof values['units'] === 'string'
        ? values['units'].split(',').map(Number)
        : (defaults.units ?? [300, 1000]),
    kinds: typeof values['kinds'] === 'string' ? values['kinds'].split(',') : null,
    agents: number(values['agents'], defaults.agents ?? 1),
    features: number(values['features'], defaults.features ?? 60),
    effect: number(values['effect'], defaults.effect ?? 0),
    factSupports:
      typeof values['supports'] === 'string' ? values['supports'].split(',').map(Number) : null,
  };
}

/** The learner over a stream that grows, its memory in lists. */
export interface Lab {
  readonly executions: ClosedExecution[];
  readonly patterns: ReadonlyMap<string, Pattern>;
  readonly entries: readonly LedgerEntry[];
  readonly looks: readonly Look[];
  learn(): Promise<LearnSummary>;
  /** Patterns with one of these statuses. */
  withStatus(...statuses: Pattern['status'][]): Pattern[];
}

export function createLab(
  executions: readonly ClosedExecution[],
  settings: Partial<LearningSettings> = {},
): Lab {
  const stream = [...executions];
  const looks: Look[] = [];
  const entries: LedgerEntry[] = [];
  const patterns = new Map<string, Pattern>();
  const reader: ExecutionReader = {
    countClosedExecutions: () => Promise.resolve(stream.length),

    async *readClosedExecutions({ executionIds }) {
      const wanted = executionIds && new Set(executionIds);
      for (const execution of stream) {
        if (wanted === undefined || wanted.has(execution.id)) yield execution;
      }
    },
  };
  const keep = (found: readonly Pattern[], tests: readonly LedgerEntry[]): void => {
    entries.push(...tests);
    for (const pattern of found) patterns.set(pattern.id, pattern);
  };
  const memory: LearningMemory = {
    readLooks: () => Promise.resolve([...looks]),
    recordLook(look, found, tests) {
      looks.push(look);
      keep(found, tests);
      return Promise.resolve();
    },
    recordTests(found, tests) {
      keep(found, tests);
      return Promise.resolve();
    },
    queryPatterns: () => Promise.resolve({ items: [...patterns.values()], nextCursor: null }),
    readLedger: ({ limit = 100, cursor }) => {
      const from = cursor === undefined ? 0 : Number(cursor);
      const items = entries.slice(from, from + limit);
      const end = from + items.length;
      return Promise.resolve({ items, nextCursor: end < entries.length ? String(end) : null });
    },
  };
  let now = 1_800_000_000_000_000_000n;
  const clock = { nowUnixNano: () => (now += 1_000_000n) };
  const learner = createPatternLearner({ reader, memory, clock, settings });
  return {
    executions: stream,
    patterns,
    entries,
    looks,
    learn: () => learner.learn(),
    withStatus: (...statuses) =>
      [...patterns.values()].filter(({ status }) => statuses.includes(status)),
  };
}

/** k of n with the Clopper-Pearson interval at 95 %. */
export function share(hits: number, of: number): Readonly<Record<string, unknown>> {
  const { lower, upper } = clopperPearson(hits, of, 0.95);
  const round = (value: number): number => Math.round(value * 1e4) / 1e4;
  return { hits, of, share: round(hits / Math.max(1, of)), interval: [round(lower), round(upper)] };
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}

/** JSON for programs; its shares as a plot for people, beside it. */
export function print(result: unknown): void {
  console.log(JSON.stringify(result, null, 2));
  const plot = plotShares(result);
  if (plot !== '') console.error(plot);
}
