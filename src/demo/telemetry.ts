import { context, propagation, trace } from '@opentelemetry/api';
import type * as sdkTraceNode from '@opentelemetry/sdk-trace-node';

import type { Evolution } from '../index';
import { ConfigError, EvolutionSpanProcessor } from '../index';

export interface TelemetryCounts {
  readonly exportedSpans: number;
  readonly droppedSpans: number;
}

export interface DemoTelemetry {
  /** Waits while our processor's queue is more than half full: a batch job can wait, a server cannot. */
  keepUp(): Promise<void>;
  /** Resolves when all that has ended is stored. */
  flush(): Promise<TelemetryCounts>;
  /** Ends the telemetry; later calls give the same. */
  stop(): Promise<TelemetryCounts>;
}

/** OpenTelemetry as an application sets it up: a provider with its own exporter, and ours beside it. */
export async function startTelemetry(evolution: Evolution): Promise<DemoTelemetry> {
  const { InMemorySpanExporter, NodeTracerProvider, SimpleSpanProcessor } = await loadSdk();
  const exporter = new InMemorySpanExporter();
  const processor = new EvolutionSpanProcessor({ evolution });
  const provider = new NodeTracerProvider({
    spanProcessors: [processor, new SimpleSpanProcessor(exporter)],
  });
  provider.register();
  const flush = async (): Promise<TelemetryCounts> => {
    await provider.forceFlush();
    return {
      exportedSpans: exporter.getFinishedSpans().length,
      droppedSpans: droppedBy(processor),
    };
  };
  const stop = async (): Promise<TelemetryCounts> => {
    const { exportedSpans } = await flush();
    await provider.shutdown();
    trace.disable();
    context.disable();
    propagation.disable();
    return { exportedSpans, droppedSpans: droppedBy(processor) };
  };
  let stopped: ReturnType<DemoTelemetry['stop']> | null = null;
  return {
    async keepUp() {
      const { queueSize, queueCapacity } = processor.stats();
      if (queueSize > queueCapacity / 2) await processor.forceFlush();
    },
    flush,
    stop: () => (stopped ??= stop()),
  };
}

function droppedBy(processor: EvolutionSpanProcessor): number {
  const { dropped } = processor.stats();
  return Object.values(dropped).reduce((sum, count) => sum + count, 0);
}

/** @throws ConfigError where the OpenTelemetry SDK is not installed */
export async function loadSdk(): Promise<typeof sdkTraceNode> {
  try {
    return await import('@opentelemetry/sdk-trace-node');
  } catch (cause) {
    throw new ConfigError('The demo needs the OpenTelemetry SDK, which is not installed.', {
      cause,
      hint: 'npm install @opentelemetry/sdk-trace-node @opentelemetry/api@1.9',
    });
  }
}
