import type { RewardSource } from '../../model/reward';

/** What decides how rewards become outcomes; kept in the database, so that all processes derive alike. */
export interface DeriveSettings {
  readonly successThreshold: number;
  readonly sourceOrder: readonly RewardSource[];
}
