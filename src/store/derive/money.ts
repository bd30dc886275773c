/** Money is summed in whole picodollars, in decimal. */

/** Sums of two, where they are known. */
export function addMoney(a: string | undefined, b: string | undefined): { costPico?: string } {
  if (a === undefined || b === undefined) return (a ?? b) ? { costPico: (a ?? b)! } : {};
  return { costPico: String(BigInt(a) + BigInt(b)) };
}

/** Sums of doubles depend on their order, sums of whole picodollars do not. */
export function toPico(usd: number): bigint {
  return usd < 9_000 ? BigInt(Math.round(usd * 1e12)) : BigInt(Math.round(usd)) * 10n ** 12n;
}
