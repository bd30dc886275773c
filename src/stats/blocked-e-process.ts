/** Tilts of the mixture: log odds ratios of small to large effects, in both directions. */
const blockTilts: readonly number[] = [0.15, 0.3, 0.45, 0.6, 0.8, 1, 1.25, 1.5, 2, 3].flatMap(
  (tilt) => [tilt, -tilt],
);

/** log e per tilt; the e-value is the mean of their exponentials. */
export type LogETilts = Float64Array;

export function emptyLogE(): LogETilts {
  return new Float64Array(blockTilts.length);
}

/**
 * Adds one closed block: e(θ) = exp(θ Σ_treated y) · C(n, n₁) / e_{n₁}(exp(θ y₁), …, exp(θ yₙ)), with
 * e_k the elementary symmetric polynomial. Given the outcomes and n₁, every choice of the treated is
 * equally likely where nothing is at work, so its mean is 1 and products over blocks are e-processes.
 *
 * @param outcomes - of the block's units, 0..1
 * @param treated - which of them had the feature
 */
export function addBlock(
  logE: LogETilts,
  outcomes: readonly number[],
  treated: readonly boolean[],
): void {
  const n1 = treated.filter(Boolean).length;
  if (n1 === 0 || n1 === outcomes.length) return;
  const sum = outcomes.reduce((total, y, i) => total + (treated[i] === true ? y : 0), 0);
  const ways = symmetric(
    outcomes.map(() => 1),
    n1,
  );
  blockTilts.forEach((tilt, t) => {
    const likely = symmetric(
      outcomes.map((y) => Math.exp(tilt * y)),
      n1,
    );
    logE[t] = (logE[t] ?? 0) + tilt * sum + Math.log(ways) - Math.log(likely);
  });
}

/** log of the mixture over tilts. */
export function logEValue(logE: LogETilts): number {
  const largest = logE.reduce((most, value) => Math.max(most, value), -Infinity);
  const sum = logE.reduce((total, value) => total + Math.exp(value - largest), 0);
  return largest + Math.log(sum / logE.length);
}

/**
 * Online e-BH (Fischer, Xu, Ramdas 2024): the largest k hypotheses with E ≥ 1/(k g α), weights g in
 * arrival order summing to at most 1.
 *
 * @returns one boolean per hypothesis
 */
export function onlineEBenjaminiHochberg(
  hypotheses: readonly { readonly logE: number; readonly weight: number }[],
  alpha: number,
): boolean[] {
  const scores = hypotheses.map(({ logE, weight }) => logE + Math.log(weight));
  const order = scores.map((score, index) => ({ score, index })).sort((a, b) => b.score - a.score);
  let rejected = 0;
  order.forEach(({ score }, i) => {
    if (score >= -Math.log((i + 1) * alpha)) rejected = i + 1;
  });
  const result = hypotheses.map(() => false);
  for (const { index } of order.slice(0, rejected)) result[index] = true;
  return result;
}

function symmetric(values: readonly number[], degree: number): number {
  const sums = new Float64Array(degree + 1);
  sums[0] = 1;
  values.forEach((value, i) => {
    for (let k = Math.min(i + 1, degree); k >= 1; k -= 1) {
      sums[k] = (sums[k] as number) + value * (sums[k - 1] as number);
    }
  });
  return sums[degree] ?? 0;
}
