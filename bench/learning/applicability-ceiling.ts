import type { ContextCell } from '../../src/model/applicability';
import { normalSf } from '../../src/stats';

/** What a pattern of the generator in `applicability.ts` can be; each is weighted by how often it is drawn. */
const worlds = Array.from({ length: 10 }, (_, i) => 0.05 + (0.2 * (i + 0.5)) / 10).flatMap((main) =>
  [0, 0.03, 0.08].flatMap((spread) =>
    (['nobody', 'agent', 'type', 'cell'] as const).map((lacking) => ({
      ...{ main, spread, lacking },
      weight: lacking === 'nobody' ? 0.4 : 0.2,
    })),
  ),
);
const lackingShare = 0.4;

/**
 * Probability that an effect is above `least` in a context that was not seen, by Bayes' rule, of who knows how the
 * generator draws its patterns and not what it drew: nobody ranks such contexts better.
 */
export function bestProbability(
  cells: readonly ContextCell[],
  { agentId, taskType }: Pick<ContextCell, 'agentId' | 'taskType'>,
  least: number,
): number {
  let [holding, all] = [0, 0];
  for (const { main, spread, lacking, weight } of worlds) {
    const share = lacking === 'nobody' ? 0 : lackingShare;
    const keyOf = (cell: Pick<ContextCell, 'agentId' | 'taskType'>): string =>
      lacking === 'agent'
        ? `${cell.agentId}`
        : lacking === 'type'
          ? `${cell.taskType}`
          : lacking === 'cell'
            ? `${cell.agentId} ${cell.taskType}`
            : '';
    // Likelihood of each group of cells that has the effect or lacks it as one.
    const groups = new Map<string, { has: number; lacks: number }>();
    for (const cell of cells) {
      const group = groups.get(keyOf(cell)) ?? { has: 1, lacks: 1 };
      groups.set(keyOf(cell), group);
      group.has *= density(cell, main, spread);
      group.lacks *= density(cell, 0, spread);
    }
    let likelihood = weight;
    for (const { has, lacks } of groups.values()) {
      likelihood *= (1 - share) * has + share * lacks;
    }
    const own = groups.get(keyOf({ agentId, taskType })) ?? { has: 1, lacks: 1 };
    const lacks = share * own.lacks;
    const sure = lacks / (lacks + (1 - share) * own.has);
    const above = (mean: number): number =>
      spread === 0 ? Number(mean > least) : normalSf((least - mean) / spread);
    holding += likelihood * ((1 - sure) * above(main) + sure * above(0));
    all += likelihood;
  }
  return holding / all;
}

function density({ effect, standardError }: ContextCell, mean: number, spread: number): number {
  const variance = standardError ** 2 + spread ** 2;
  return Math.exp((-0.5 * (effect - mean) ** 2) / variance) / Math.sqrt(variance);
}
