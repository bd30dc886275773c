import type { Answer } from './answer';
import type { Encoding } from './telemetry';

/** In which of the two encodings, compressed or not, a rule is tried. */
export interface Variant {
  readonly encoding: Encoding;
  readonly gzip: boolean;
}

export interface Attempt {
  readonly method?: string;
  /** @defaultValue `/v1/traces` */
  readonly path?: string;
  /** Besides content type and encoding, or in their place. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** Sent as it is, whatever the variant says about compression. */
  readonly raw?: boolean;
  /** Sent in chunks, without a length. */
  readonly chunked?: boolean;
}

/** What a rule works with. */
export interface Bench {
  readonly variant: Variant;
  readonly send: (attempt: Attempt) => Promise<Answer>;
  /** A trace id that nobody has used. */
  readonly newTraceId: () => string;
  /** Spans stored of a trace; `null` where nobody can count. */
  readonly count: (traceId: string) => Promise<number | null>;
}

/** `null` when it holds, else what came; `unknown` where nothing here can tell. */
export type Finding = string | null | typeof unknown;
export const unknown = Symbol('unknown');

export interface Rule {
  readonly id: string;
  readonly level: 'MUST' | 'SHOULD' | 'robustness';
  readonly text: string;
  readonly reference: string;
  /** @defaultValue both encodings, compressed and not */
  readonly variants?: readonly Variant[];
  readonly check: (bench: Bench) => Promise<Finding>;
}

export const otlp = 'https://opentelemetry.io/docs/specs/otlp/';
export const http = 'https://www.rfc-editor.org/rfc/rfc9110#';

export const plainJson: readonly Variant[] = [{ encoding: 'json', gzip: false }];
export const plainProtobuf: readonly Variant[] = [{ encoding: 'protobuf', gzip: false }];
export const uncompressed: readonly Variant[] = [...plainProtobuf, ...plainJson];

export function expectStatus(answer: Answer, ...expected: readonly number[]): Finding {
  return expected.includes(answer.status)
    ? null
    : `expected ${expected.join(' or ')}, came ${answer.status}`;
}

/** A server may refuse what is odd, and may ask to come again; it may not break. */
export function expectNoBreak({ status }: Answer): Finding {
  return status >= 500 && status !== 503 ? `came ${status}` : null;
}
