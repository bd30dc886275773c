import { Button, Group, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import type { PointerEvent } from 'react';
import { useCallback, useMemo, useRef, useState } from 'react';
import type { ExecutionJson, PageJson } from '../../wire';
import { getJson } from '../api/http';
import { formatDuration, formatTime, plural } from '../format/format';
import { useTimeZone } from '../preferences';
import { lengthOf } from '../task/task-runs';
import { QueryView } from '../ui/query-view';
import type { Surface } from '../ui/use-canvas';
import { useCanvas } from '../ui/use-canvas';
import type { Box, Dot, Plane } from './plane';
import { boxFilter, dotsWithin, makePlane } from './plane';
import { RunTable } from './run-table';
import classes from './run-scatter.module.css';

const mostRuns = 1000;

/** The latest runs, when they began against how long they took; a box drawn around some selects them. */
export function RunScatter({ onSelect }: { readonly onSelect: (filter: string) => void }) {
  const query = useQuery({
    queryKey: ['/executions', 'scatter'],
    queryFn: ({ signal }) =>
      getJson<PageJson<ExecutionJson>>('/executions', { limit: mostRuns }, signal),
  });
  return (
    <QueryView query={query}>
      {({ items }) => <Picture runs={items} onSelect={onSelect} />}
    </QueryView>
  );
}

interface PictureProps {
  readonly runs: readonly ExecutionJson[];
  readonly onSelect: (filter: string) => void;
}

function Picture({ runs, onSelect }: PictureProps) {
  const [zone] = useTimeZone();
  const navigate = useNavigate();
  const plane = useMemo(() => makePlane(runs.flatMap(toDot)), [runs]);
  const draw = useCallback((surface: Surface) => drawDots(surface, plane), [plane]);
  const canvas = useCanvas(draw);
  const [box, setBox] = useState<Box | null>(null);
  const from = useRef<readonly [number, number] | null>(null);
  if (plane.dots.length < 2) return null;
  const inside = box === null ? 0 : dotsWithin(plane, box).length;
  const click = (x: number, y: number): void => {
    const near = dotsWithin(plane, {
      left: x - 0.01,
      right: x + 0.01,
      top: y - 0.03,
      bottom: y + 0.03,
    });
    if (near[0] !== undefined) {
      void navigate({ to: '/executions/$executionId', params: { executionId: near[0].id } });
    }
  };
  return (
    <figure className={classes.figure}>
      <div className={classes.axis} aria-hidden>
        <span>↑ took {formatDuration(plane.longest * 1e6)}</span>
      </div>
      <div
        data-canvas-box
        className={classes.plane}
        role="img"
        aria-label={`Start and duration of ${plural(plane.dots.length, 'run')}; the table below has the same`}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          from.current = placeOf(event);
          setBox(null);
        }}
        onPointerMove={(event) => {
          if (from.current !== null) setBox(boxOf(from.current, placeOf(event)));
        }}
        onPointerUp={(event) => {
          const [x, y] = placeOf(event);
          const start = from.current;
          from.current = null;
          if (start !== null && Math.abs(start[0] - x) + Math.abs(start[1] - y) < 0.01) {
            setBox(null);
            click(x, y);
          }
        }}
        onPointerCancel={() => {
          from.current = null;
          setBox(null);
        }}
      >
        <canvas ref={canvas} />
        {box !== null && (
          <div
            className={classes.box}
            style={{
              left: `${box.left * 100}%`,
              top: `${box.top * 100}%`,
              width: `${(box.right - box.left) * 100}%`,
              height: `${(box.bottom - box.top) * 100}%`,
            }}
          />
        )}
      </div>
      <div className={classes.axis} aria-hidden>
        <span>
          ↓ took {formatDuration(plane.shortest * 1e6)} · began {formatTime(plane.first, zone)}
        </span>
        <span>{formatTime(plane.last, zone)}</span>
      </div>
      <figcaption className={classes.caption}>
        <Text size="xs" c="dimmed">
          Filled: success; cross: no success; ring: not judged. Draw a box to compare what is in it
          with all other runs; a click opens a run.
        </Text>
        {box !== null && (
          <Group gap="xs">
            <Button
              size="compact-sm"
              disabled={inside === 0}
              onClick={() => onSelect(boxFilter(plane, box))}
            >
              What is different in these {plural(inside, 'run')}?
            </Button>
          </Group>
        )}
      </figcaption>
      <RunTable dots={box === null ? plane.dots : dotsWithin(plane, box)} chosen={box !== null} />
    </figure>
  );
}

function toDot(run: ExecutionJson): Dot[] {
  const nanos = lengthOf(run);
  if (nanos === null) return [];
  return [
    {
      id: run.id,
      startMillis: Number(BigInt(run.start_time_unix_nano) / 1_000_000n),
      durationMillis: nanos / 1e6,
      success: run.success,
    },
  ];
}

function placeOf(event: PointerEvent<HTMLElement>): readonly [number, number] {
  const { left, top, width, height } = event.currentTarget.getBoundingClientRect();
  const within = (value: number): number => Math.min(1, Math.max(0, value));
  return [within((event.clientX - left) / width), within((event.clientY - top) / height)];
}

function boxOf([x1, y1]: readonly [number, number], [x2, y2]: readonly [number, number]): Box {
  return {
    left: Math.min(x1, x2),
    right: Math.max(x1, x2),
    top: Math.min(y1, y2),
    bottom: Math.max(y1, y2),
  };
}

function drawDots({ context, width, height, color }: Surface, plane: Plane): void {
  context.lineWidth = 1.6;
  for (const dot of plane.dots) {
    const [x, y] = [plane.x(dot) * width, plane.y(dot) * height];
    context.beginPath();
    if (dot.success === false) {
      context.strokeStyle = color('--bad');
      context.moveTo(x - 3.5, y - 3.5);
      context.lineTo(x + 3.5, y + 3.5);
      context.moveTo(x - 3.5, y + 3.5);
      context.lineTo(x + 3.5, y - 3.5);
      context.stroke();
      continue;
    }
    context.arc(x, y, 3.5, 0, 2 * Math.PI);
    context.fillStyle = color('--good');
    context.strokeStyle = color('--text-quiet');
    if (dot.success === true) context.fill();
    else context.stroke();
  }
}
