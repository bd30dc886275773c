import { useNavigate } from '@tanstack/react-router';
import type { MouseEvent } from 'react';
import { useState } from 'react';
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
}

interface Place {
  readonly one: NamedSeries;
  readonly point: SeriesPointJson;
  readonly left: number;
  readonly top: number;
}

/** For charts of so many points that a link each would be most of the page: the point nearest to the pointer, and a click leads to its runs. */
export function Nearest({ measure, series, bucket, x, y }: NearestProps) {
  const [near, setNear] = useState<Place | null>(null);
  const [zone] = useTimeZone();
  const navigate = useNavigate();
  const find = (event: MouseEvent<SVGRectElement>): Place | null => {
    const svg = event.currentTarget.ownerSVGElement!;
    const { left, top, width } = svg.getBoundingClientRect();
    const scale = svg.viewBox.baseVal.width / width;
    const [px, py] = [(event.clientX - left) * scale, (event.clientY - top) * scale];
    let best: Place | null = null;
    let least = Infinity;
    for (const one of series) {
      for (const point of one.points) {
        const value = measure.value(point);
        if (value === null) continue;
        const place = {
          one,
          point,
          left: x(toMillis(point.start) + bucketMillis[bucket] / 2),
          top: y(value),
        };
        const distance = Math.hypot(place.left - px, place.top - py);
        if (distance < least) [best, least] = [place, distance];
      }
    }
    return best;
  };
  return (
    <>
      {near !== null && (
        <g className={classes.near} aria-hidden>
          <circle cx={near.left} cy={near.top} r={4.5} />
        </g>
      )}
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
      >
        {near !== null && <title>{pointText(measure, near.one, near.point, zone)}</title>}
      </rect>
    </>
  );
}
