import type { PriceTable } from '../model/price';

/** Cost of one call in US dollars, `null` where the price or both token counts are unknown. */
export function priceOf(
  prices: PriceTable,
  models: readonly (string | null)[],
  inputTokens: number | null,
  outputTokens: number | null,
): number | null {
  if (inputTokens === null && outputTokens === null) return null;
  for (const model of models) {
    const price = model !== null && Object.hasOwn(prices, model) ? prices[model] : undefined;
    if (price === undefined) continue;
    return (
      ((inputTokens ?? 0) * price.inputUsdPerMillionTokens +
        (outputTokens ?? 0) * price.outputUsdPerMillionTokens) /
      1e6
    );
  }
  return null;
}
