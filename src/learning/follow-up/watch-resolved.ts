import type { LedgerEntry, Pattern } from '../../model/pattern';
import { comparisonText } from '../comparison/comparison';
import { runFreshTests, watchSchedule, type Promotion } from './confirmation';
import type { Registry } from '../look/registry';
import type { Workbench } from '../comparison/workbench';

/**
 * The tests that are due on the runs after a finding was marked as resolved: sequential, of its own level, in
 * the direction that was promoted. The first that is reached reopens it; its entry carries the new life.
 */
export function watchResolved(
  pattern: Pattern,
  promotion: Promotion,
  registry: Registry,
  bench: Workbench,
  nowUnixNano: bigint,
): LedgerEntry[] {
  const { state, atUnixNano: markedAt } = pattern.life;
  if (state !== 'resolved' || markedAt === null) return [];
  const { units } = bench.table;
  const freshFrom = units.findIndex(({ startTimeUnixNano }) => startTimeUnixNano > markedAt);
  if (freshFrom < 0) return [];
  const steps = registry.get(pattern.id)?.watchSteps ?? 0;
  const tests = runFreshTests({ ...promotion, freshFrom }, steps, bench, watchSchedule);
  return tests.map(({ step, units: runs, pValue, bar, estimate }) => {
    const seen = `${runs} runs after it was marked as resolved: ${(estimate ?? 0).toFixed(3)}, one-sided p ${pValue.toPrecision(2)} against ${bar.toPrecision(2)}`;
    const reopens = pValue <= bar;
    return {
      look: promotion.look,
      test: 'watch',
      step,
      patternId: pattern.id,
      predicate: pattern.predicate.text,
      dimension: pattern.dimension,
      strata: comparisonText(promotion.comparison),
      pValue,
      qValue: null,
      estimate,
      status: pattern.status,
      reason: seen,
      markedAtUnixNano: markedAt,
      ...(reopens
        ? {
            life: {
              state: 'reopened' as const,
              why: `seen again in ${seen}`,
              atUnixNano: nowUnixNano,
              by: 'the learner',
            },
          }
        : {}),
    };
  });
}
