import type { EvolutionStats, StoreTotals } from '../model/query';
import type { Json } from './to-wire';
import { toWire } from './to-wire';

/** `stats --json`: the totals, and a row per agent with its success rate as a number. */
export function statsToWire(totals: StoreTotals, agents: readonly EvolutionStats[]): Json {
  return {
    ...(toWire(totals) as Record<string, Json>),
    agents: agents.map(({ successRate, tokens, ...rest }) => ({
      ...(toWire(rest) as Record<string, Json>),
      success_rate: successRate?.value ?? null,
      success_rate_interval: toWire(successRate?.interval ?? null),
      tokens: toWire(tokens),
    })),
  };
}
