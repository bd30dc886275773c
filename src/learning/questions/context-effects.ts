import type { ContextCell } from '../../model/applicability';
import { invertPositiveDefinite, normalSf } from '../../stats';

/** What is expected of an effect in one context. */
export interface ExpectedEffect {
  readonly mean: number;
  /** 95 %. */
  readonly interval: { readonly lower: number; readonly upper: number };
  /** Probability that the effect times `sign` is above `least`, 0..1. */
  readonly above: (least: number, sign: 1 | -1) => number;
}

export interface ContextEffects {
  /** An agent or type that is `null` or unknown shares nothing with the contexts that were seen. */
  at(context: Pick<ContextCell, 'agentId' | 'taskType'>): ExpectedEffect;
}

/** Standard deviations between agents, between types of task, and of what is left, in the effect's measure. */
const deviations = [0, 0.03, 0.08, 0.15, 0.3];
/** Contexts with most runs that are used: the work grows with their cube. */
const maxCells = 40;
/** How sure it is beforehand that the mean over contexts has the sign that the pattern was found with. */
const signIsRight = 0.95;

/**
 * Effects of contexts as mean + agent + type + rest, each normal with a deviation of its own, the means of the cells
 * normal with their standard errors. A context's expectation is the best linear unbiased prediction (Henderson 1975)
 * mixed over a grid of the three deviations by their restricted likelihood (Patterson and Thompson 1971), so that a
 * few cells do not pretend to know how much contexts differ; where only the last deviation is above 0 it is
 * the shrinkage of DerSimonian and Laird's random effects. The mean's prior is flat on either side of 0, .95 of it on
 * the pattern's: what was promoted has its sign but for one in twenty.
 *
 * @param cells - at least one, standard errors > 0
 * @param sign - of the pattern
 */
export function fitContextEffects(cells: readonly ContextCell[], sign: 1 | -1): ContextEffects {
  const used = [...cells].sort((a, b) => b.runs - a.runs).slice(0, maxCells);
  const models = deviations
    .flatMap((agent) => deviations.map((type) => ({ agent, type })))
    .flatMap((pair) => deviations.map((rest) => fitModel(used, { ...pair, rest })));
  const best = Math.max(...models.map(({ logLikelihood }) => logLikelihood));
  const weighed = models.flatMap((model) =>
    sidesOf(model, sign).map((side) => ({
      ...{ model, side },
      weight: side.weight * Math.exp(model.logLikelihood - best),
    })),
  );
  const total = weighed.reduce((sum, { weight }) => sum + weight, 0);
  const likely = weighed.filter(({ weight }) => weight > 1e-6 * total);
  return {
    at(context) {
      return mixture(
        likely.map(({ model, side, weight }) => ({
          weight: weight / total,
          ...predict(model, side, used, context),
        })),
      );
    },
  };
}

/** A mean that lies on one side of 0: its moments, and how probable the side is. */
interface Side {
  readonly mean: number;
  readonly variance: number;
  readonly weight: number;
}

/** Moments of a model's mean as a normal that is cut off at 0 (Johnson, Kotz and Balakrishnan 1994, 13.10). */
function sidesOf({ mean, meanVariance }: Model, sign: 1 | -1): Side[] {
  const deviation = Math.sqrt(meanVariance);
  return ([1, -1] as const).flatMap((side) => {
    const distance = (side * mean) / deviation;
    const share = normalSf(-distance);
    if (share < 1e-12) return [];
    const shift = Math.exp(-0.5 * distance ** 2) / Math.sqrt(2 * Math.PI) / share;
    const prior = side === sign ? signIsRight : 1 - signIsRight;
    return {
      mean: mean + side * deviation * shift,
      variance: meanVariance * (1 - shift * (shift + distance)),
      weight: prior * share,
    };
  });
}

interface Deviations {
  readonly agent: number;
  readonly type: number;
  readonly rest: number;
}

interface Model {
  readonly deviations: Deviations;
  readonly logLikelihood: number;
  readonly mean: number;
  readonly meanVariance: number;
  /** V⁻¹ (effects - mean), and the row sums of V⁻¹. */
  readonly residuals: Float64Array;
  readonly rowSums: Float64Array;
  readonly inverse: Float64Array;
}

function fitModel(cells: readonly ContextCell[], deviation: Deviations): Model {
  const size = cells.length;
  const covariance = new Float64Array(size * size);
  cells.forEach((one, i) => {
    cells.forEach((other, j) => {
      covariance[i * size + j] = covarianceOf(one, other, deviation);
    });
    covariance[i * size + i] = covariance[i * size + i]! + one.standardError ** 2;
  });
  const inverse = invertPositiveDefinite(covariance, size);
  // The factor stands where the matrix was.
  let logDeterminant = 0;
  for (let i = 0; i < size; i += 1) logDeterminant += 2 * Math.log(covariance[i * size + i]!);
  const rowSums = multiply(inverse, new Float64Array(size).fill(1));
  const information = rowSums.reduce((sum, value) => sum + value, 0);
  const mean = cells.reduce((sum, { effect }, i) => sum + rowSums[i]! * effect, 0) / information;
  const centred = Float64Array.from(cells, ({ effect }) => effect - mean);
  const residuals = multiply(inverse, centred);
  const distance = dot(centred, residuals);
  return {
    deviations: deviation,
    logLikelihood: -0.5 * (logDeterminant + Math.log(information) + distance),
    mean,
    meanVariance: 1 / information,
    residuals,
    rowSums,
    inverse,
  };
}

type Context = Pick<ContextCell, 'agentId' | 'taskType'>;

function covarianceOf(one: Context, other: Context, { agent, type, rest }: Deviations): number {
  const sameAgent = one.agentId !== null && one.agentId === other.agentId;
  const sameType = one.taskType !== null && one.taskType === other.taskType;
  return (
    (sameAgent ? agent ** 2 : 0) +
    (sameType ? type ** 2 : 0) +
    (one === other || (sameAgent && sameType) ? rest ** 2 : 0)
  );
}

function predict(
  { deviations: deviation, mean: fitted, residuals, rowSums, inverse }: Model,
  { mean, variance }: Side,
  cells: readonly ContextCell[],
  context: Context,
): { readonly mean: number; readonly deviation: number } {
  const shared = Float64Array.from(cells, (cell) => covarianceOf(context, cell, deviation));
  const own = deviation.agent ** 2 + deviation.type ** 2 + deviation.rest ** 2;
  const known = own - dot(multiply(inverse, shared), shared);
  const ofMean = 1 - dot(shared, rowSums);
  return {
    mean: fitted + dot(shared, residuals) + ofMean * (mean - fitted),
    deviation: Math.sqrt(Math.max(known + ofMean ** 2 * variance, 1e-12)),
  };
}

const dot = (a: Float64Array, b: Float64Array): number =>
  a.reduce((sum, value, i) => sum + value * b[i]!, 0);

function multiply(matrix: Float64Array, vector: Float64Array): Float64Array {
  const size = vector.length;
  return Float64Array.from(vector, (_, i) => {
    let sum = 0;
    for (let j = 0; j < size; j += 1) sum += matrix[i * size + j]! * vector[j]!;
    return sum;
  });
}

interface Part {
  readonly weight: number;
  readonly mean: number;
  readonly deviation: number;
}

function mixture(parts: readonly Part[]): ExpectedEffect {
  const tail = (x: number): number =>
    parts.reduce((sum, part) => sum + part.weight * normalSf((x - part.mean) / part.deviation), 0);
  const lowest = Math.min(...parts.map(({ mean, deviation }) => mean - 9 * deviation));
  const highest = Math.max(...parts.map(({ mean, deviation }) => mean + 9 * deviation));
  const quantile = (probability: number): number => {
    let [lower, upper] = [lowest, highest];
    for (let i = 0; i < 40; i += 1) {
      const middle = (lower + upper) / 2;
      if (1 - tail(middle) < probability) lower = middle;
      else upper = middle;
    }
    return (lower + upper) / 2;
  };
  return {
    mean: parts.reduce((sum, { weight, mean }) => sum + weight * mean, 0),
    interval: { lower: quantile(0.025), upper: quantile(0.975) },
    above: (least, sign) => (sign === 1 ? tail(least) : 1 - tail(-least)),
  };
}
