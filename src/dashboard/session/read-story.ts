import type { SpanJson } from '../../wire';

type StorySpan = Pick<
  SpanJson,
  | 'trace_id'
  | 'span_id'
  | 'parent_span_id'
  | 'name'
  | 'role'
  | 'tool'
  | 'model'
  | 'status'
  | 'error_type'
  | 'tool_arguments_hash'
  | 'execution_id'
  | 'start_time_unix_nano'
  | 'end_time_unix_nano'
  | 'input_tokens'
  | 'output_tokens'
  | 'cost_usd'
>;

/** A model or tool call; times in nanoseconds since the first of all. */
export interface Step {
  readonly span: StorySpan;
  readonly name: string;
  readonly start: number;
  readonly end: number;
}

export interface Noticed {
  readonly kind: 'error' | 'retry' | 'loop' | 'wait';
  readonly text: string;
  /** Where to look. */
  readonly step: Step;
  /** Nanoseconds, of a wait; how often, of the others. */
  readonly size: number;
}

/** Where time and money went, by tool and model. */
export interface Spent {
  readonly name: string;
  readonly role: string;
  readonly calls: number;
  readonly errors: number;
  /** Nanoseconds, summed: calls side by side count each. */
  readonly time: number;
  readonly tokens: number | null;
  readonly cost: number | null;
}

export interface Story {
  readonly steps: readonly Step[];
  readonly noticed: readonly Noticed[];
  readonly spent: readonly Spent[];
}

/** The same call with the same arguments so often is a loop. */
const loopFrom = 3;
const waitsTold = 3;

/** What a person should know of a long session before they read it: O(n log n). */
export function readStory(spans: readonly StorySpan[]): Story {
  const calls = spans.filter(({ role }) => role === 'tool' || role === 'llm');
  const origin = calls.reduce<bigint | null>((least, { start_time_unix_nano: start }) => {
    return least === null || BigInt(start) < least ? BigInt(start) : least;
  }, null);
  const steps = calls
    .map((span) => toStep(span, origin ?? 0n))
    .sort((a, b) => a.start - b.start || a.end - b.end);
  return {
    steps,
    noticed: [...errorsOf(steps), ...loopsOf(steps), ...retriesOf(steps), ...waitsOf(steps)],
    spent: spentOn(steps),
  };
}

function toStep(span: StorySpan, origin: bigint): Step {
  const start = Number(BigInt(span.start_time_unix_nano) - origin);
  const { end_time_unix_nano: end } = span;
  return {
    span,
    name: span.tool ?? span.model ?? span.name,
    start,
    end: Math.max(start, end === null ? start : Number(BigInt(end) - origin)),
  };
}

const failed = ({ span }: Step): boolean => span.status.code === 2;

function groupBy<K>(steps: readonly Step[], keyOf: (step: Step) => K): Map<K, Step[]> {
  const groups = new Map<K, Step[]>();
  for (const step of steps) {
    const key = keyOf(step);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [step]);
    else group.push(step);
  }
  return groups;
}

function errorsOf(steps: readonly Step[]): Noticed[] {
  const kinds = groupBy(steps.filter(failed), ({ name, span }) =>
    JSON.stringify([name, span.error_type]),
  );
  return [...kinds.values()]
    .map((group): Noticed => {
      const { name, span } = group[0]!;
      const what = span.error_type === null ? '' : ` (${span.error_type})`;
      const times = group.length === 1 ? 'failed' : `failed ${group.length} times`;
      return {
        kind: 'error',
        text: `${name} ${times}${what}`,
        step: group[0]!,
        size: group.length,
      };
    })
    .sort((a, b) => b.size - a.size);
}

/** Equal arguments are told by their hash, which stays where content is dropped. */
function loopsOf(steps: readonly Step[]): Noticed[] {
  const known = steps.filter(({ span }) => span.tool_arguments_hash !== null);
  const same = groupBy(known, ({ name, span }) =>
    JSON.stringify([span.execution_id, name, span.tool_arguments_hash]),
  );
  return [...same.values()]
    .filter((group) => group.length >= loopFrom)
    .map((group): Noticed => {
      const text = `${group[0]!.name} was called ${group.length} times with the same arguments`;
      return { kind: 'loop', text, step: group[0]!, size: group.length };
    })
    .sort((a, b) => b.size - a.size);
}

/** A tool that is called again as the next call of a tool after it failed. */
function retriesOf(steps: readonly Step[]): Noticed[] {
  const tools = steps.filter(({ span }) => span.role === 'tool');
  const again = tools.filter((step, at) => {
    const before = tools[at - 1];
    return before !== undefined && failed(before) && before.name === step.name;
  });
  return [...groupBy(again, ({ name }) => name).values()].map((group): Noticed => {
    const times = group.length === 1 ? 'once' : `${group.length} times`;
    const text = `${group[0]!.name} was tried again after an error, ${times}`;
    return { kind: 'retry', text, step: group[0]!, size: group.length };
  });
}

/** The longest stretches in which nothing ran, of a second and more. */
function waitsOf(steps: readonly Step[]): Noticed[] {
  const waits: Noticed[] = [];
  let until = steps[0]?.end ?? 0;
  for (const step of steps) {
    const size = step.start - until;
    if (size >= 1e9)
      waits.push({ kind: 'wait', text: `nothing ran until ${step.name} began`, step, size });
    until = Math.max(until, step.end);
  }
  return waits.sort((a, b) => b.size - a.size).slice(0, waitsTold);
}

function spentOn(steps: readonly Step[]): Spent[] {
  const sum = (group: readonly Step[], pick: (span: StorySpan) => number | null) =>
    group.reduce<number | null>((total, { span }) => {
      const value = pick(span);
      return value === null ? total : (total ?? 0) + value;
    }, null);
  return [...groupBy(steps, ({ name, span }) => `${span.role} ${name}`).values()]
    .map((group): Spent => ({
      name: group[0]!.name,
      role: group[0]!.span.role,
      calls: group.length,
      errors: group.filter(failed).length,
      time: group.reduce((total, { start, end }) => total + end - start, 0),
      tokens: sum(group, ({ input_tokens: input, output_tokens: output }) =>
        input === null && output === null ? null : (input ?? 0) + (output ?? 0),
      ),
      cost: sum(group, ({ cost_usd: cost }) => cost),
    }))
    .sort((a, b) => b.time - a.time);
}
