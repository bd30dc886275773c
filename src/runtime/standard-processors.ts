import type { OpenTelemetryEnvironment } from '../config';
import { tellOperator, type ReadableSpan, type StartedSpan } from '../otel';
import type { Context } from '@opentelemetry/api';

/** The SDK's `SpanProcessor`, of whichever version. */
export interface SdkSpanProcessor {
  onStart(span: StartedSpan, parentContext: Context): void;
  onEnd(span: ReadableSpan): void;
  forceFlush(): Promise<void>;
  shutdown(): Promise<void>;
}

/** `require` of the application's SDK. */
export type Load = (name: string) => unknown;

type Exports = Readonly<Record<string, new (...args: unknown[]) => never>>;

/** By the protocol that the environment asks for. */
const otlpPackages: Readonly<Record<string, string>> = {
  grpc: '@opentelemetry/exporter-trace-otlp-grpc',
  'http/json': '@opentelemetry/exporter-trace-otlp-http',
  'http/protobuf': '@opentelemetry/exporter-trace-otlp-proto',
};

/**
 * The processors that the SDK would make of `OTEL_TRACES_EXPORTER` if it were left alone: it makes none as soon as
 * it is given one, and names us in no list.
 * https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
 */
export function standardProcessors(
  { tracesExporters, otlpProtocol, batch }: OpenTelemetryEnvironment,
  load: Load,
): readonly SdkSpanProcessor[] {
  const sdk = load('@opentelemetry/sdk-trace') as Exports;
  const make = (from: Exports, name: string, ...args: unknown[]): SdkSpanProcessor => {
    const Class = from[name];
    if (Class === undefined) throw new Error(`The OpenTelemetry SDK has no ${name}.`);
    return new Class(...args);
  };
  const batched = (packageName: string, name: string): SdkSpanProcessor => {
    const exporter = make(load(packageName) as Exports, name);
    return make(sdk, 'BatchSpanProcessor', { exporter, ...batch });
  };
  const otlp = (): SdkSpanProcessor => {
    const packageName = otlpPackages[otlpProtocol] ?? '@opentelemetry/exporter-trace-otlp-proto';
    return batched(packageName, 'OTLPTraceExporter');
  };
  const makers = new Map<string, () => SdkSpanProcessor>([
    ['otlp', otlp],
    ['zipkin', () => batched('@opentelemetry/exporter-zipkin', 'ZipkinExporter')],
    [
      'console',
      () => make(sdk, 'SimpleSpanProcessor', { exporter: make(sdk, 'ConsoleSpanExporter') }),
    ],
  ]);
  const names = tracesExporters.length === 0 ? ['otlp'] : tracesExporters;
  return names
    .filter((name) => name !== 'evolution')
    .flatMap((name) => {
      const maker = makers.get(name);
      if (maker !== undefined) return [maker()];
      tellOperator(
        'exporter',
        `OTEL_TRACES_EXPORTER: expected otlp, zipkin, console, evolution or none, came ${name}`,
      );
      return [];
    });
}
