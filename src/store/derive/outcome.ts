import type { RewardSource } from '../../model/reward';
import { numbersByName } from '../schema/json-values';
import { rewardUnits } from './reward-unit';

/** A reward with what its target is to the execution. */
export interface Judgement {
  readonly id: string;
  /** `whole`: the execution, its root span, its trace or its task; `part`: another of its spans. */
  readonly scope: 'whole' | 'part';
  readonly name: string;
  readonly value: number | null;
  readonly dimensions: Readonly<Record<string, number>>;
  readonly source: RewardSource;
  readonly evaluator: string | null;
  readonly timestampUnixNano: bigint;
  readonly superseded: boolean;
}

/**
 * Outcome per dimension, 0..1 in whole billionths; the learner quantises to 2^-16. Judgements of the whole come first: those of parts
 * count only in a dimension that the whole has none in. Of the sources that judged, the first of
 * `sourceOrder` counts: the mean over its evaluators and names of each one's latest word.
 */
export function foldOutcome(
  judgements: readonly Judgement[],
  sourceOrder: readonly RewardSource[],
): Readonly<Record<string, number>> {
  const scores = new Map<string, Score[]>();
  for (const judgement of judgements) {
    if (judgement.superseded) continue;
    for (const [dimension, value] of scoresOf(judgement)) {
      const list = scores.get(dimension) ?? [];
      list.push({ judgement, value });
      scores.set(dimension, list);
    }
  }
  const dimensions = [...scores.keys()].sort();
  return numbersByName(
    dimensions.flatMap((name) => {
      const value = foldDimension(scores.get(name)!, sourceOrder);
      return value === null ? [] : [[name, value] as const];
    }),
  );
}

interface Score {
  readonly judgement: Judgement;
  readonly value: number;
}

function scoresOf({ name, value, dimensions }: Judgement): [string, number][] {
  const scores = Object.keys(dimensions).map((key): [string, number] => [key, dimensions[key]!]);
  // The reward's own value is said twice when its name is among its dimensions too; it wins.
  return value === null ? scores : [...scores.filter(([key]) => key !== name), [name, value]];
}

/** `null` where only sources judged that the order does not name. */
function foldDimension(all: readonly Score[], sourceOrder: readonly RewardSource[]): number | null {
  const ofWhole = all.filter(({ judgement }) => judgement.scope === 'whole');
  const scores = ofWhole.length > 0 ? ofWhole : all;
  const source = sourceOrder.find((name) =>
    scores.some((score) => score.judgement.source === name),
  );
  if (source === undefined) return null;
  const latest = new Map<string, Score>();
  for (const score of scores) {
    if (score.judgement.source !== source) continue;
    const { evaluator, name } = score.judgement;
    const judge = JSON.stringify([evaluator, name]);
    const before = latest.get(judge);
    if (!before || isLater(score.judgement, before.judgement)) latest.set(judge, score);
  }
  const values = [...latest.values()]
    .map((score) => Math.round(score.value * rewardUnits))
    .sort(ascending);
  return Math.round(values.reduce((sum, value) => sum + value, 0) / values.length) / rewardUnits;
}

const ascending = (a: number, b: number): number => a - b;

function isLater(a: Judgement, b: Judgement): boolean {
  if (a.timestampUnixNano !== b.timestampUnixNano) return a.timestampUnixNano > b.timestampUnixNano;
  return a.id > b.id;
}

/** What decides how rewards become outcomes; kept in the database, so that all processes derive alike. */
export interface DeriveSettings {
  readonly successThreshold: number;
  readonly sourceOrder: readonly RewardSource[];
}
