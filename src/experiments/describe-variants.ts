import type {
  Decision,
  DecisionRules,
  GuardrailReading,
  VariantAnalysis,
} from '../model/experiment';
import type { Interval } from '../model/interval';
import {
  asymptoticConfidenceSequence,
  bestArm,
  betaPosterior,
  momentsOf,
  sampleVariance,
  studentTQuantile,
  welchTest,
  wilsonInterval,
  type Moments,
  type Posterior,
} from '../stats';

/** One arm's units as they are shown; the decision rests on the order of all of them. */
export interface VariantSample {
  readonly name: string;
  readonly values: readonly number[];
  readonly outcomes: readonly Readonly<Record<string, number>>[];
}

/** The read-outs beside the decision. The first sample is the control. */
export function describeVariants(
  samples: readonly VariantSample[],
  decision: Decision,
  rules: Pick<DecisionRules, 'alpha' | 'cap' | 'guardrails'>,
): VariantAnalysis[] {
  const moments = samples.map(({ values }) => momentsOf(values));
  const control = moments[0] ?? momentsOf([]);
  const best = bestOf(samples, moments);
  return samples.map(({ name, values, outcomes }, i) => {
    const own = moments[i] ?? control;
    const evidence = decision.arms.find((arm) => arm.name === name);
    const comparable = i > 0 && own.n >= 2 && control.n >= 2;
    const welch = comparable ? welchTest(own, control, 0.95) : null;
    return {
      name,
      units: own.n,
      mean: own.n === 0 ? null : own.mean,
      interval: own.n === 0 ? null : intervalOfMean(values, own),
      lift: welch === null ? null : liftOf(welch, own.n + control.n, rules),
      eValue: evidence?.eValue ?? null,
      pValue: welch?.pValue ?? null,
      probabilityBest: best?.[i]?.probability ?? null,
      expectedLoss: best?.[i]?.expectedLoss ?? null,
      guardrails: (evidence?.guardrails ?? []).map((guardrail) => ({
        metric: guardrail.metric,
        role: guardrail.role,
        estimate: guardrail.estimate,
        interval: around(guardrail.estimate, guardrail.standardError),
        harmed: guardrail.harmed,
        note: noteOf(guardrail),
      })),
      dimensions: dimensionsOf(outcomes),
    };
  });
}

/** Variants that no other beats in every dimension, all differences bounded away from 0 at once. */
export function paretoSet(samples: readonly VariantSample[]): string[] {
  const dimensions = [...new Set(samples.flatMap(({ outcomes }) => outcomes.flatMap(Object.keys)))];
  const comparisons = samples.length * (samples.length - 1) * Math.max(1, dimensions.length);
  const level = 1 - 0.05 / comparisons;
  const dominates = (a: VariantSample, b: VariantSample): boolean =>
    dimensions.length > 0 &&
    dimensions.every((dimension) => {
      const [x, y] = [valuesOf(a, dimension), valuesOf(b, dimension)];
      return x.n >= 2 && y.n >= 2 && welchTest(x, y, level).interval.lower > 0;
    });
  return samples
    .filter((sample) => !samples.some((other) => other !== sample && dominates(other, sample)))
    .map(({ name }) => name);
}

function valuesOf({ outcomes }: VariantSample, dimension: string): Moments {
  return momentsOf(
    outcomes.flatMap((outcome) => {
      const value = Object.hasOwn(outcome, dimension) ? outcome[dimension] : undefined;
      return value === undefined ? [] : [value];
    }),
  );
}

function dimensionsOf(outcomes: VariantSample['outcomes']): VariantAnalysis['dimensions'] {
  const sample = { name: '', values: [], outcomes };
  const names = [...new Set(outcomes.flatMap(Object.keys))].sort();
  const described = Object.create(null) as Record<string, { mean: number; interval: Interval }>;
  for (const name of names) {
    const moments = valuesOf(sample, name);
    described[name] = { mean: moments.mean, interval: tInterval(moments) };
  }
  return described;
}

function intervalOfMean(values: readonly number[], moments: Moments): Interval {
  if (!isBinary(values)) return tInterval(moments);
  return wilsonInterval(Math.round(moments.mean * moments.n), moments.n, 0.95);
}

function isBinary(values: readonly number[]): boolean {
  return values.every((value) => value === 0 || value === 1);
}

function tInterval(moments: Moments): Interval {
  if (moments.n < 2) return { lower: -Infinity, upper: Infinity };
  const error = Math.sqrt(sampleVariance(moments) / moments.n);
  const half = studentTQuantile(0.975, moments.n - 1) * error;
  return { lower: moments.mean - half, upper: moments.mean + half };
}

function liftOf(
  welch: { readonly estimate: number; readonly standardError: number; readonly interval: Interval },
  n: number,
  { alpha, cap }: Pick<DecisionRules, 'alpha' | 'cap'>,
): VariantAnalysis['lift'] {
  const { estimate, standardError, interval } = welch;
  const alwaysValidInterval = asymptoticConfidenceSequence(
    { estimate, standardError, n },
    { alpha, plannedN: Math.max(1, cap) },
  );
  return { estimate, interval, alwaysValidInterval };
}

function bestOf(
  samples: readonly VariantSample[],
  moments: readonly Moments[],
): ReturnType<typeof bestArm> | null {
  if (moments.some(({ n }) => n < 2)) return null;
  const posteriors = moments.map((own, i): Posterior => {
    const values = samples[i]?.values ?? [];
    if (isBinary(values)) {
      return betaPosterior(Math.round(own.mean * own.n), own.n);
    }
    return { mean: own.mean, deviation: Math.max(1e-9, Math.sqrt(sampleVariance(own) / own.n)) };
  });
  return bestArm(posteriors);
}

function around(estimate: number | null, standardError: number | null): Interval | null {
  if (estimate === null || standardError === null) return null;
  return { lower: estimate - 1.96 * standardError, upper: estimate + 1.96 * standardError };
}

function noteOf({
  measurable,
  inside,
  harmed,
}: Decision['arms'][number]['guardrails'][number]): GuardrailReading['note'] {
  if (harmed) return 'harmed';
  if (!measurable) return 'not measurable to its margin yet';
  return inside ? null : 'not shown to stay inside its margin';
}
