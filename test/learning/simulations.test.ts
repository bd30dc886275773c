import { createPatternLearner } from '../../src/learning';
import type { ClosedExecution } from '../../src/model/learning';
import { clopperPearson, seededRandom } from '../../src/stats';
import { readTauBenchRuns } from '../support/bench-runs';
import { describeWithData } from '../support/data-dir';
import { makeExecution } from '../support/make-execution';
import { listMemory, readerOf, steppingClock } from '../support/memory-learning';

// LEARNING target 4 and target 1, at one look. EVOLUTION_SEEDS=200 runs the full numbers.

const seeds = Number(process.env.EVOLUTION_SEEDS ?? 40);

async function promotedOf(executions: readonly ClosedExecution[]): Promise<string[]> {
  const memory = listMemory();
  const reader = readerOf(executions);
  await createPatternLearner({ reader, memory, clock: steppingClock() }).learn();
  return [...memory.patterns.values()].map(({ predicate }) => predicate.text);
}

function report(what: string, hits: number, of: number): void {
  const { lower, upper } = clopperPearson(hits, of, 0.95);
  const interval = `[${lower.toFixed(3)}, ${upper.toFixed(3)}]`;
  process.stderr.write(`${what}: ${hits} of ${of} = ${(hits / of).toFixed(3)} ${interval}\n`);
}

describeWithData('positive control on tau-bench airline', () => {
  /** A fair coin per run; with probability .4 the run's outcome is set to it. */
  function plantLabel(runs: readonly ClosedExecution[], seed: number): ClosedExecution[] {
    const random = seededRandom(`label-${seed}`);
    return runs.map((run) => {
      const coin = random() < 0.5;
      const set = random() < 0.4;
      const outcome = set ? { reward: coin ? 1 : 0 } : run.outcome;
      return { ...run, outcome, tags: coin ? ['label'] : [] };
    });
  }

  test('the label is found in 90 % of seeds, a real candidate beside it in at most 8 %', async () => {
    const runs = readTauBenchRuns();
    let found = 0;
    let beside = 0;
    for (let seed = 0; seed < seeds; seed += 1) {
      const promoted = await promotedOf(plantLabel(runs, seed));
      if (promoted.includes('tag:label')) found += 1;
      if (promoted.some((text) => text !== 'tag:label')) beside += 1;
    }
    report('planted label found', found, seeds);
    report('a real candidate beside it', beside, seeds);
    expect(found / seeds).toBeGreaterThanOrEqual(0.9);
    expect(beside / seeds).toBeLessThanOrEqual(0.08);
  }, 120_000);
});

describe('null streams: share of false claims', () => {
  interface Design {
    readonly units: number;
    readonly replications: number;
    readonly continuous: boolean;
  }

  /**
   * 60 tags, half of them more frequent in some task types than in others; the outcome depends on the
   * type, the task and the time, never on a tag within them: a tag that is claimed is claimed falsely.
   * The types themselves do differ and are claimed rightly.
   */
  function nullStream(
    seed: number,
    { units, replications, continuous }: Design,
  ): ClosedExecution[] {
    const random = seededRandom(`null-${seed}-${replications}-${continuous}`);
    const tags = Array.from({ length: 60 }, (_, tag) => {
      const base = 0.1 + 0.4 * random();
      return Array.from({ length: 4 }, () =>
        tag % 2 === 0 ? base : base * (0.4 + 1.2 * random()),
      );
    });
    return Array.from({ length: units }, (_, i) => {
      const task = Math.floor(i / replications);
      const type = task % 4;
      const ease = 0.2 + 0.2 * type + 0.2 * (seededShare(task, seed) - 0.5);
      const chance = Math.min(0.95, Math.max(0.05, ease + 0.3 * (i / units - 0.5)));
      const value = continuous ? clamp(chance + 0.4 * (random() + random() - 1)) : chance;
      return makeExecution(i, {
        taskId: `task-${task}`,
        taskType: `type-${type}`,
        replication: i % replications,
        tags: tags.flatMap((share, tag) => (random() < (share[type] ?? 0) ? [`tag-${tag}`] : [])),
        outcome: { reward: continuous ? value : random() < chance ? 1 : 0 },
      });
    });
  }

  test.each([
    ['type x agent x epoch', { units: 800, replications: 1, continuous: false }],
    ['type x agent x epoch, continuous', { units: 800, replications: 1, continuous: true }],
    ['task', { units: 400, replications: 4, continuous: false }],
    ['task, continuous', { units: 450, replications: 3, continuous: true }],
  ] as const)(
    '%s',
    async (name, design) => {
      const streams = Math.ceil(seeds / 2);
      let claims = 0;
      let falseShare = 0;
      for (let seed = 0; seed < streams; seed += 1) {
        const promoted = await promotedOf(nullStream(seed, design));
        const wrong = promoted.filter((text) => text.startsWith('tag:')).length;
        if (wrong > 0) claims += 1;
        falseShare += wrong / Math.max(1, promoted.length) / streams;
      }
      report(`any false claim, ${name}`, claims, streams);
      process.stderr.write(`mean share of false claims, ${name}: ${falseShare.toFixed(3)}\n`);
      // .030 is this look's level; without strata the share is .22 to .70. Two standard errors on top.
      expect(falseShare).toBeLessThanOrEqual(0.03 + 0.2 / Math.sqrt(streams));
    },
    120_000,
  );

  function seededShare(task: number, seed: number): number {
    return seededRandom(`task-${seed}-${task}`)();
  }

  function clamp(value: number): number {
    return Math.min(1, Math.max(0, value));
  }
});
