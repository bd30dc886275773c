import { Link, useNavigate } from '@tanstack/react-router';
import type { MouseEvent } from 'react';
import { useMemo, useState } from 'react';
import type { SeriesPointJson } from '../../wire';
import { toMillis } from '../format/format';
import { useTimeZone } from '../preferences';
import type { Measure } from './measures';
import type { NamedSeries } from './named-series';
import { pointText } from './named-series';
import { bucketMillis } from './time-scale';
import classes from './metrics.module.css';

interface NearestProps {
  readonly measure: Measure;
  readonly series: readonly NamedSeries[];
  readonly bucket: 'hour' | 'day';
  readonly x: (at: number) => number;
  readonly y: (value: number) => number;
  /** Of the drawing, in its own units. */
  readonly middle: number;
}

interface Place {
  readonly one: NamedSeries;
  readonly point: SeriesPointJson;
  readonly left: number;
  readonly top: number;
}

/**
 * For charts of so many points that a link each would be most of the page: one link, to the runs of the point that is
 * nearest to the pointer, or that the arrow keys have led to.
 */
export function Nearest({ measure, series, bucket, x, y, middle }: NearestProps) {
  const [near, setNear] = useState<Place | null>(null);
  const [focused, setFocused] = useState(false);
  const [zone] = useTimeZone();
  const navigate = useNavigate();
  const places = useMemo(
    () => series.map((one) => placesOf(one, measure, bucket, x, y)).filter((row) => row.length > 0),
    [series, measure, bucket, x, y],
  );
  const find = (event: MouseEvent<SVGRectElement>): Place | null => {
    const svg = event.currentTarget.ownerSVGElement!;
    const { left, top, width } = svg.getBoundingClientRect();
    const scale = svg.viewBox.baseVal.width / width;
    return nearestOf(places.flat(), (event.clientX - left) * scale, (event.clientY - top) * scale);
  };
  const at = near ?? places[0]?.at(-1);
  if (at === undefined) return null;
  const text = pointText(measure, at.one, at.point, zone);
  const shown = near !== null || focused;
  return (
    <>
      <rect
        className={classes.pointer}
        width="100%"
        height="100%"
        onMouseMove={(event) => setNear(find(event))}
        onMouseLeave={() => setNear(null)}
        onClick={(event) => {
          const found = find(event);
          if (found !== null) void navigate(found.one.runsOf(found.point));
        }}
      />
      <Link
        {...at.one.runsOf(at.point)}
        className={classes.near}
        aria-label={`${text}: its runs. Arrow keys lead to the other points.`}
        onFocus={() => setFocused(true)}
        onBlur={() => setFocused(false)}
        onKeyDown={(event) => {
          const next = stepFrom(places, at, event.key);
          if (next === null) return;
          event.preventDefault();
          event.stopPropagation();
          setNear(next);
        }}
      >
        <circle cx={at.left} cy={at.top} r={4.5} opacity={shown ? 1 : 0} />
        {shown && (
          <text {...besideOf(at, middle)} aria-hidden>
            {text}
          </text>
        )}
      </Link>
    </>
  );
}

function placesOf(
  one: NamedSeries,
  measure: Measure,
  bucket: NearestProps['bucket'],
  x: NearestProps['x'],
  y: NearestProps['y'],
): readonly Place[] {
  return one.points.flatMap((point) => {
    const value = measure.value(point);
    if (value === null) return [];
    return [
      { one, point, left: x(toMillis(point.start) + bucketMillis[bucket] / 2), top: y(value) },
    ];
  });
}

function nearestOf(places: readonly Place[], left: number, top: number): Place | null {
  let best: Place | null = null;
  let least = Infinity;
  for (const place of places) {
    const distance = Math.hypot(place.left - left, place.top - top);
    if (distance < least) [best, least] = [place, distance];
  }
  return best;
}

/** Left and right along a line, up and down to the next line; `null` where a key means nothing here. */
function stepFrom(places: readonly (readonly Place[])[], from: Place, key: string): Place | null {
  const line = places.findIndex((row) => row[0]!.one === from.one);
  const row = places[line];
  if (row === undefined) return null;
  const position = row.findIndex(({ point }) => point === from.point);
  const along = { ArrowLeft: position - 1, ArrowRight: position + 1, Home: 0, End: row.length - 1 };
  if (key in along) {
    return row[Math.min(Math.max(along[key as keyof typeof along], 0), row.length - 1)]!;
  }
  const across = { ArrowUp: line - 1, ArrowDown: line + 1 };
  if (!(key in across)) return null;
  const other = places[across[key as keyof typeof across]];
  return other === undefined ? from : nearestOf(other, from.left, from.top);
}

/** Where the words of a point stand: to its side that has room. */
function besideOf({ left, top }: Place, middle: number) {
  const isRight = left > middle;
  return {
    x: isRight ? left - 8 : left + 8,
    y: Math.max(top - 8, 22),
    textAnchor: isRight ? ('end' as const) : ('start' as const),
  };
}
