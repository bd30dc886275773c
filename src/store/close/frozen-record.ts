import type { Attributes } from '../../model/attributes';
import type { ClosedExecution, ExecutionStep } from '../../model/learning';
import type { SpanRole } from '../../model/span';
import { numbersByName, withoutPrototype } from '../schema/json-values';

/** A closed execution without its outcome, which stands beside it since it may be revised. */
export type FrozenExecution = Omit<ClosedExecution, 'outcome'>;

/** Text positions in `words`, so that a name that recurs is stored once; `null` as -1. */
type Word = number;

type PackedStep = readonly [
  trace: Word,
  spanId: string,
  parentSpanId: string | null,
  name: Word,
  role: Word,
  tool: Word,
  model: Word,
  error: 0 | 1,
  errorType: Word,
  toolArgumentsHash: Word,
  requestor: Word,
  /** Nanoseconds after the root's start, decimal. */
  start: string,
  /** Nanoseconds after the start, decimal. */
  length: string | null,
];

/** JSON text of a record; steps are packed, since they are most of it. */
export function packFrozen(execution: FrozenExecution): string {
  const { steps, rootStartTimeUnixNano, durationNano, rootAttributes, ...plain } = execution;
  const words: string[] = [];
  const places = new Map<string, number>();
  const word = (text: string | null): Word => {
    if (text === null) return -1;
    let place = places.get(text);
    if (place === undefined) {
      place = words.push(text) - 1;
      places.set(text, place);
    }
    return place;
  };
  const packed = steps.map((step): PackedStep => [
    word(step.traceId),
    step.spanId,
    step.parentSpanId,
    word(step.name),
    word(step.role),
    word(step.tool),
    word(step.model),
    step.error ? 1 : 0,
    word(step.errorType),
    word(step.toolArgumentsHash),
    word(step.requestor),
    String(step.startTimeUnixNano - rootStartTimeUnixNano),
    step.endTimeUnixNano === null ? null : String(step.endTimeUnixNano - step.startTimeUnixNano),
  ]);
  return JSON.stringify({
    ...plain,
    rootAttributes,
    rootStart: String(rootStartTimeUnixNano),
    duration: durationNano === null ? null : String(durationNano),
    words,
    steps: packed,
  });
}

export function unpackFrozen(body: string, outcome: string): ClosedExecution {
  const { rootStart, duration, words, steps, ...plain } = JSON.parse(body) as Omit<
    FrozenExecution,
    'steps' | 'rootStartTimeUnixNano' | 'durationNano'
  > & {
    readonly rootStart: string;
    readonly duration: string | null;
    readonly words: readonly string[];
    readonly steps: readonly PackedStep[];
  };
  const rootStartTimeUnixNano = BigInt(rootStart);
  const text = (place: Word): string | null => (place < 0 ? null : words[place]!);
  const own = (attributes: Attributes): Attributes => withoutPrototype(attributes);
  return {
    ...plain,
    config: plain.config && own(plain.config),
    rootAttributes: own(plain.rootAttributes),
    propensities: plain.propensities && numbersByName(Object.entries(plain.propensities)),
    rootStartTimeUnixNano,
    durationNano: duration === null ? null : BigInt(duration),
    outcome: parseNumbers(outcome),
    steps: steps.map((packed) => unpackStep(packed, text, rootStartTimeUnixNano)),
  };
}

function unpackStep(
  [
    trace,
    spanId,
    parentSpanId,
    name,
    role,
    tool,
    model,
    error,
    errorType,
    hash,
    requestor,
    start,
    length,
  ]: PackedStep,
  text: (place: Word) => string | null,
  rootStart: bigint,
): ExecutionStep {
  const startTimeUnixNano = rootStart + BigInt(start);
  return {
    traceId: text(trace)!,
    spanId,
    parentSpanId,
    name: text(name)!,
    role: text(role) as SpanRole,
    tool: text(tool),
    model: text(model),
    error: error === 1,
    errorType: text(errorType),
    toolArgumentsHash: text(hash),
    requestor: text(requestor),
    startTimeUnixNano,
    endTimeUnixNano: length === null ? null : startTimeUnixNano + BigInt(length),
  };
}

export function parseNumbers(json: string): Readonly<Record<string, number>> {
  return numbersByName(Object.entries(JSON.parse(json) as Record<string, number>));
}
