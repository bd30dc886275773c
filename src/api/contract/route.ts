import type { z } from 'zod';
import type { EvolutionLearner, RecordingStore } from '../../model/evolution';
import type { Clock, SpanSink } from '../../model/ports';
import type { AdaptationDesk, ConfigurationDesk } from '../../model/ports-adaptation';
import type { ExperimentDesk } from '../../model/ports-experiments';
import type { ServiceDesk } from '../../model/service-desk';
import type { EventFeed } from '../event-feed';
import type { TokenScope } from '../../model/token';

/** What the API serves: an `Evolution`, or anything with the same parts. */
export interface ServedEvolution {
  readonly store: RecordingStore;
  readonly sink: SpanSink;
  readonly learner: EvolutionLearner;
  readonly adaptation: AdaptationDesk;
  readonly experiments: ExperimentDesk;
  readonly configurations: ConfigurationDesk;
}

/** What a handler gets besides its input. */
export interface RouteContext extends ServedEvolution {
  readonly clock: Clock;
  readonly events: EventFeed;
  /** What the process that serves knows of itself. */
  readonly desk: ServiceDesk;
  /** Counts one record of a batch that was not taken. */
  readonly noteRefused: (reason: string) => void;
  /** Aborted when the caller goes away. */
  readonly signal: AbortSignal;
  readonly headers: Headers;
}

export type Method = 'get' | 'post' | 'patch';

/** What a route answers in JSON, by status; the schema is checked in tests and told in /openapi.json. */
export type Answers = Readonly<Record<number, z.ZodType>>;

type AnswerOf<A extends Answers> = {
  [S in keyof A & number]: {
    readonly status: S;
    readonly body: z.input<A[S]>;
    readonly headers?: Readonly<Record<string, string>>;
  };
}[keyof A & number];

/** A body of its own kind, such as a stream of events. */
export interface RawAnswer {
  readonly status: 200;
  readonly contentType: string;
  readonly stream: ReadableStream<Uint8Array>;
}

interface RouteText {
  /** `operationId`. */
  readonly id: string;
  readonly method: Method;
  /** Below `/api/v1`, with `{name}` for parameters. */
  readonly path: string;
  readonly scope: TokenScope;
  /** Group in the document. */
  readonly tag: string;
  readonly summary: string;
}

interface RouteSpec<
  P extends z.ZodObject,
  Q extends z.ZodObject,
  B extends z.ZodType,
  A extends Answers,
> extends RouteText {
  readonly params?: P;
  readonly query?: Q;
  /** What enters. */
  readonly body?: B;
  /** In the document in place of `body`, where items of it are checked one by one. */
  readonly bodyInDocument?: z.ZodType;
  readonly answers: A;
  /** Further content types of a 200. */
  readonly streams?: Readonly<Record<string, z.ZodType>>;
  /** Answers carry an ETag and honour `If-None-Match`. */
  readonly etag?: boolean;
  readonly problems?: readonly number[];
  handle(
    input: { params: z.output<P>; query: z.output<Q>; body: z.output<B> },
    context: RouteContext,
  ): Promise<AnswerOf<A> | RawAnswer>;
}

/** A route whose types were checked where it was defined. */
export interface Route extends RouteText {
  readonly params: z.ZodObject | null;
  readonly query: z.ZodObject | null;
  readonly body: z.ZodType | null;
  readonly bodyInDocument: z.ZodType | null;
  readonly answers: Answers;
  readonly streams: Readonly<Record<string, z.ZodType>>;
  readonly etag: boolean;
  readonly problems: readonly number[];
  handle(
    input: { params: unknown; query: unknown; body: unknown },
    context: RouteContext,
  ): Promise<Answer | RawAnswer>;
}

export interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export function defineRoute<
  A extends Answers,
  P extends z.ZodObject = z.ZodObject,
  Q extends z.ZodObject = z.ZodObject,
  B extends z.ZodType = z.ZodType,
>(spec: RouteSpec<P, Q, B, A>): Route {
  return {
    ...spec,
    params: spec.params ?? null,
    query: spec.query ?? null,
    body: spec.body ?? null,
    bodyInDocument: spec.bodyInDocument ?? spec.body ?? null,
    streams: spec.streams ?? {},
    etag: spec.etag ?? false,
    problems: spec.problems ?? [],
    handle: (input, context) => spec.handle(input as Parameters<typeof spec.handle>[0], context),
  };
}
