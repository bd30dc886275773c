/** A closed interval, both ends in the unit of the estimate it belongs to. */
export interface Interval {
  readonly lower: number;
  readonly upper: number;
}
