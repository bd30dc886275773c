import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What a program does at its end, and how it must end all the same. */
export interface ExitPath {
  readonly name: string;
  /** Its last lines; prints `ready` where a signal is to come. */
  readonly program: string;
  readonly sends?: NodeJS.Signals;
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A file of their own, since the step with SDK 3 runs them as well. */
export const exitPaths = JSON.parse(
  readFileSync(join(__dirname, 'exit-paths.json'), 'utf8'),
) as readonly ExitPath[];

export const queuedSpans = 2_048;

/** A program that leaves a full queue and an open span behind, and ends on this path. */
export function endingProgram(databaseUrl: string, path: ExitPath, before = ''): string {
  return `
    import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
    import { EvolutionSpanProcessor } from 'otel-evolution';
    ${before}
    const processor = new EvolutionSpanProcessor({ databaseUrl: ${JSON.stringify(databaseUrl)} });
    const tracer = new NodeTracerProvider({ spanProcessors: [processor] }).getTracer('app');
    tracer.startSpan('open');
    for (let i = 0; i < ${queuedSpans}; i += 1) tracer.startSpan('ended').end();
    ${path.program}`;
}
