import type { SpanKind } from './span';

/** What a service does under one name: the spans of that name and kind. */
export interface Operation {
  /** Of its spans, cut to 256 characters. */
  readonly name: string;
  readonly kind: SpanKind;
}

/**
 * Which services and operations spans came from, for a search that offers them. At most 1,000 operations of a service
 * and 10,000 in all are listed, the first that came; they stay when their spans go.
 */
export interface OperationReader {
  /** Values of `service.name`, cut to 256 characters, in order; `unknown_service` stands for none. */
  listServices(): Promise<readonly string[]>;
  /** By name and kind; none of a service that is unknown. */
  listOperations(service: string, kind?: SpanKind): Promise<readonly Operation[]>;
}
