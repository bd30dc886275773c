import type { SeriesPointJson } from '../../wire';
import type { TimeZone } from '../format/format';
import { formatTime } from '../format/format';
import type { Measure } from './measures';
import type { RunsOf } from './runs-of';

export interface NamedSeries {
  readonly name: string;
  readonly points: readonly SeriesPointJson[];
  readonly runsOf: RunsOf;
}

/** What a point says, in words. */
export function pointText(
  measure: Measure,
  { name }: NamedSeries,
  point: SeriesPointJson,
  zone: TimeZone,
): string {
  return `${name}, ${formatTime(point.start, zone, false)}: ${measure.format(measure.value(point))}, ${point.executions} runs`;
}
