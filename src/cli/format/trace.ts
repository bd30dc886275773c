import type { Span } from '../../model/span';
import type { Io } from '../io';
import { milliseconds } from './numbers';
import { printable } from './table';

/** A trace as an indented tree; spans whose parent is not there stand at the top. */
export function formatTrace(spans: readonly Span[], { colors }: Pick<Io, 'colors'>): string {
  const known = new Set(spans.map((span) => span.spanId));
  const children = new Map<string | null, Span[]>();
  for (const span of spans) {
    const parent =
      span.parentSpanId !== null && known.has(span.parentSpanId) ? span.parentSpanId : null;
    children.set(parent, [...(children.get(parent) ?? []), span]);
  }
  const lines: string[] = [];
  // A stack of our own: a chain of 10,000 spans must not end the call stack; each span is shown once.
  const shown = new Set<string>();
  const stack = (children.get(null) ?? []).map((span) => ({ span, depth: 0 })).reverse();
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const { span, depth } = next;
    if (shown.has(span.spanId)) continue;
    shown.add(span.spanId);
    lines.push(formatLine(span, depth, colors));
    const inner = children.get(span.spanId) ?? [];
    stack.push(...inner.map((child) => ({ span: child, depth: depth + 1 })).reverse());
  }
  return lines.join('\n');
}

/** What a failed span says in one line: its type, else the first line of its message, of which a stack may follow. */
export function errorText({ errorType, status }: Pick<Span, 'errorType' | 'status'>): string {
  return errorType ?? status.message?.split('\n', 1)[0] ?? 'error';
}

function formatLine(span: Span, depth: number, colors: Io['colors']): string {
  const duration =
    span.endTimeUnixNano === null
      ? 'unfinished'
      : milliseconds(Math.max(0, Number(span.endTimeUnixNano - span.startTimeUnixNano) / 1e6));
  const name = `${'  '.repeat(depth)}${printable(span.name)}`;
  const failed = span.status.code === 2;
  const about = [span.role, span.model, span.tool, duration]
    .filter((part) => part !== null)
    .join(' · ');
  const error = failed ? colors.red(`  ✗ ${printable(errorText(span))}`) : '';
  return `${failed ? colors.red(name) : name}  ${colors.dim(printable(about))}${error}`;
}
