/** What the standard variables of OpenTelemetry say about traces; exporters read their own. */
export interface OpenTelemetryEnvironment {
  /** `OTEL_TRACES_EXPORTER`, each name once; empty when it is not set. */
  readonly tracesExporters: readonly string[];
  /** `grpc`, `http/json` or `http/protobuf`. */
  readonly otlpProtocol: string;
  /** `OTEL_BSP_*`; what is absent, or no number from 0, is left to the SDK. */
  readonly batch: {
    readonly maxQueueSize?: number;
    readonly maxExportBatchSize?: number;
    readonly scheduledDelayMillis?: number;
    readonly exportTimeoutMillis?: number;
  };
}

export function readOpenTelemetryEnvironment(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): OpenTelemetryEnvironment {
  const said = (name: string): string => environment[name]?.trim() ?? '';
  const number = <K extends string>(key: K, name: string): { readonly [P in K]?: number } => {
    const value = said(name) === '' ? NaN : Number(said(name));
    return (value >= 0 ? { [key]: value } : {}) as { readonly [P in K]?: number };
  };
  const names = said('OTEL_TRACES_EXPORTER').split(',');
  return {
    tracesExporters: [...new Set(names.map((name) => name.trim()).filter((name) => name !== ''))],
    otlpProtocol:
      said('OTEL_EXPORTER_OTLP_TRACES_PROTOCOL') ||
      said('OTEL_EXPORTER_OTLP_PROTOCOL') ||
      'http/protobuf',
    batch: {
      ...number('maxQueueSize', 'OTEL_BSP_MAX_QUEUE_SIZE'),
      ...number('maxExportBatchSize', 'OTEL_BSP_MAX_EXPORT_BATCH_SIZE'),
      ...number('scheduledDelayMillis', 'OTEL_BSP_SCHEDULE_DELAY'),
      ...number('exportTimeoutMillis', 'OTEL_BSP_EXPORT_TIMEOUT'),
    },
  };
}
