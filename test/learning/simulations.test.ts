import { createPatternLearner } from '../../src/learning';
import type { ClosedExecution } from '../../src/model/learning';
import { makeStream, nullKinds } from '../../bench/learning/streams';
import { clopperPearson, seededRandom } from '../../src/stats';
import { readTauBenchRuns } from '../support/bench-runs';
import { describeWithData } from '../support/data-dir';
import { listMemory, readerOf, steppingClock } from '../support/memory-learning';

// LEARNING target 4 and rows of target 1b, at one look; the full numbers: `npm run bench -- learning/false-claims`.

const seeds = Number(process.env.EVOLUTION_SEEDS ?? 30);

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

describe('null streams', () => {
  const kinds = [
    'drift',
    'release-inside-epoch',
    'two-agents-drift',
    'skill',
    'settled-by-task-agent',
    'trial-by-trial',
    'clustered',
    'spread',
    'rare-repeated',
  ];

  test('half the behaviours follow what makes success likely: none is claimed beyond the level', async () => {
    const streams = Math.ceil(seeds / 3);
    const claims = new Map<string, number>();
    for (const name of kinds) {
      for (let stream = 0; stream < streams; stream += 1) {
        const { executions } = makeStream(nullKinds[name]!, {
          seed: `test/${name}/${stream}`,
          units: 400,
          features: 40,
          agents: 1,
          repeats: 5,
          effect: 0,
        });
        const promoted = await promotedOf(executions);
        const isFalse = promoted.some((text) => text.startsWith('tag:'));
        claims.set(name, (claims.get(name) ?? 0) + (isFalse ? 1 : 0));
      }
    }
    const all = [...claims.values()].reduce((sum, count) => sum + count, 0);
    report(`any false claim (${JSON.stringify([...claims])})`, all, kinds.length * streams);
    // At .05 a stream, more than this happens in less than one of 1,000 such tests.
    const bound = 0.05 * kinds.length * streams;
    expect(all).toBeLessThanOrEqual(bound + 3.1 * Math.sqrt(bound));
  }, 120_000);
});
