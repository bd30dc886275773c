import {
  IconAlertTriangle,
  IconChevronDown,
  IconChevronRight,
  IconStack2,
} from '@tabler/icons-react';
import type { CSSProperties } from 'react';
import { memo } from 'react';
import { formatDuration, plural } from '../format/format';
import type { CriticalBySpan } from '../trace-layout/critical-path';
import type { TimeAxis } from '../trace-layout/time-axis';
import type { TraceBox } from '../trace-layout/trace-box';
import type { TraceRow } from '../trace-layout/visible-rows';
import { RoleIcon, roleColor, roleName } from '../ui/role-icon';
import type { TraceModel } from './trace-model';
import type { TraceView } from './use-trace-view';
import classes from './waterfall.module.css';

interface RowProps {
  readonly model: TraceModel;
  readonly view: TraceView;
  readonly row: TraceRow;
  readonly box: TraceBox;
  readonly position: number;
  readonly top: number;
  readonly axis: TimeAxis;
  readonly match: boolean;
  readonly critical: CriticalBySpan | null;
}

/** Deeper than this the indent stands still, and the depth is written. */
const deepest = 18;

export const WaterfallRow = memo(function WaterfallRow(props: RowProps) {
  const { model, view, row, box, position, top, match } = props;
  const selected = row.kind === 'span' && row.index === view.selected;
  const open = (): void => {
    if (row.kind === 'span') view.change({ span: model.forest.nodes[row.index]!.span.id });
    else view.change({ open: [...(view.search.open ?? []), row.group.id] });
  };
  return (
    <div
      id={`row-${position}`}
      role="row"
      aria-rowindex={position + 2}
      aria-level={row.depth + 1}
      aria-selected={selected}
      aria-expanded={row.kind === 'fold' ? false : (row.expanded ?? undefined)}
      data-match={match || undefined}
      className={classes.row}
      style={{ transform: `translateY(${top}px)` }}
      onClick={open}
    >
      <div
        role="gridcell"
        className={classes.name}
        style={{ paddingLeft: 8 + Math.min(row.depth, deepest) * 14 }}
      >
        <Name model={model} view={view} row={row} box={box} />
      </div>
      <div role="gridcell" className={classes.time}>
        <Bar {...props} />
        <span className="visually-hidden">
          {roleName(box.role)}, {formatDuration(box.end - box.start)}
          {box.error ? ', error' : ''}
        </span>
      </div>
    </div>
  );
});

/** It says nothing of time, so that a zoom leaves it alone. */
const Name = memo(function Name({
  model,
  view,
  row,
  box,
}: Pick<RowProps, 'model' | 'view' | 'row' | 'box'>) {
  const depth = row.depth > deepest && <span className={classes.depth}>{row.depth}</span>;
  if (row.kind === 'fold') {
    const { group } = row;
    return (
      <>
        {depth}
        <span className={classes.caret}>
          <IconChevronRight size={14} aria-hidden />
        </span>
        <IconStack2 size={15} stroke={1.8} color={roleColor(box.role)} aria-hidden />
        <span className="one-line" title={box.label}>
          {group.round.join(' → ')}
        </span>
        <span className={classes.times}>×{group.times}</span>
        {group.errors > 0 && <Errors text={plural(group.errors, 'error')} />}
      </>
    );
  }
  const { span, endsBeforeStart, unfinished } = model.forest.nodes[row.index]!;
  return (
    <>
      {depth}
      <Caret view={view} spanId={span.id} expanded={row.expanded} />
      <RoleIcon role={span.role} />
      <span className="one-line" title={span.name}>
        {span.name}
      </span>
      {span.error && <Errors text={span.errorType ?? 'error'} />}
      {unfinished && <span className={classes.note}>not ended</span>}
      {endsBeforeStart && <span className={classes.note}>ends before it starts</span>}
    </>
  );
});

interface CaretProps {
  readonly view: TraceView;
  readonly spanId: string;
  readonly expanded: boolean | null;
}

/** For the pointer; the keyboard has its own commands, so it is no stop on the way of the tab key. */
function Caret({ view, spanId, expanded }: CaretProps) {
  if (expanded === null) return <span className={classes.caret} />;
  const Shape = expanded ? IconChevronDown : IconChevronRight;
  return (
    <span
      className={classes.caret}
      onClick={(event) => {
        event.stopPropagation();
        const closed = view.search.closed ?? [];
        const next = expanded ? [...closed, spanId] : closed.filter((id) => id !== spanId);
        view.change({ closed: next.length === 0 ? undefined : next });
      }}
    >
      <Shape size={14} aria-hidden />
    </span>
  );
}

function Errors({ text }: { readonly text: string }) {
  return (
    <span className={`${classes.error} one-line`} title={text}>
      <IconAlertTriangle size={13} aria-hidden /> {text}
    </span>
  );
}

function Bar({ row, box, axis, critical }: RowProps) {
  if (box.end < axis.from || box.start > axis.to) return null;
  const left = axis.place(box.start);
  const right = axis.place(box.end);
  const style: CSSProperties = {
    left: `${left * 100}%`,
    width: `max(2px, ${(right - left) * 100}%)`,
    background: row.kind === 'fold' ? undefined : roleColor(box.role),
    color: roleColor(box.role),
  };
  const parts = row.kind === 'span' ? (critical?.get(row.index) ?? []) : [];
  return (
    <>
      <div
        className={classes.bar}
        data-fold={row.kind === 'fold' || undefined}
        data-error={box.error || undefined}
        style={style}
      />
      {parts.map((part) => (
        <div
          key={part.from}
          className={classes.critical}
          style={{
            left: `${axis.place(part.from) * 100}%`,
            width: `max(1px, ${(axis.place(part.to) - axis.place(part.from)) * 100}%)`,
          }}
        />
      ))}
      <span
        className={classes.duration}
        style={durationPlace(left, right)}
        data-inside={isInside(left, right) || undefined}
      >
        {formatDuration(box.end - box.start)}
      </span>
    </>
  );
}

function isInside(left: number, right: number): boolean {
  return right > 0.85 && left < 0.12;
}

/** Behind its bar; before it where that ends at the edge; on its end where it also begins there. */
function durationPlace(left: number, right: number): CSSProperties {
  if (isInside(left, right)) return { right: `${(1 - right) * 100}%` };
  if (right > 0.85) return { right: `calc(${(1 - left) * 100}% + 6px)` };
  return { left: `calc(${right * 100}% + 6px)` };
}
