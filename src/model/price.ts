/** US dollars per million tokens. */
export interface ModelPrice {
  readonly inputUsdPerMillionTokens: number;
  readonly outputUsdPerMillionTokens: number;
}

/** Model name, as spans give it, → price. */
export type PriceTable = Readonly<Record<string, ModelPrice>>;
