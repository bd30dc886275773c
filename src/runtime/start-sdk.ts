import { createRequire, register as registerHook } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { diag } from '@opentelemetry/api';
import { readGuestEnvironment, readOpenTelemetryEnvironment } from '../config';
import { ConfigError } from '../errors';
import { silenceNotices, tellOperator } from '../otel';
import { EvolutionSpanProcessor } from './evolution-span-processor';
import { keepAtProcessEnd } from './process-end';
import { standardProcessors, type Load, type SdkSpanProcessor } from './standard-processors';

/** What is used of `@opentelemetry/sdk-node`, 2.x and 3.x alike. */
interface SdkNode {
  readonly NodeSDK: new (configuration: {
    readonly spanProcessors: readonly SdkSpanProcessor[];
    readonly instrumentations: readonly unknown[];
  }) => { start(): void; shutdown(): Promise<void> };
}

// `--require` and `--import` may both be given, and either copy of this package be the one that is loaded.
const key = Symbol.for('otel-evolution/1 register');
const shared = globalThis as { [key]?: true };

/**
 * Starts the application's own OpenTelemetry SDK as its environment says, with our processor beside the exporters of
 * `OTEL_TRACES_EXPORTER`, and with the instrumentations of `@opentelemetry/auto-instrumentations-node` where that
 * package is installed. A process that has a tracer provider is left alone. Never throws: what keeps it from
 * recording is said in one line on stderr.
 */
export function startSdk(): void {
  if (shared[key]) return;
  shared[key] = true;
  silenceNotices(!readGuestEnvironment().stderr);
  try {
    start();
  } catch (error) {
    tellOperator('register', 'nothing of this process is recorded', error);
  }
}

function start(): void {
  const { disabled, sdkDisabled } = readGuestEnvironment();
  if (sdkDisabled) return diag.info('otel-evolution: OTEL_SDK_DISABLED, nothing is recorded');
  if (hasTracerProvider()) {
    return tellOperator(
      'register',
      'this process has a tracer provider already, so that nothing is stored here. Load otel-evolution/register before or instead of what made it, or give it new EvolutionSpanProcessor() among its spanProcessors',
    );
  }
  const environment = readOpenTelemetryEnvironment();
  const { NodeSDK, load } = loadSdk();
  const none = environment.tracesExporters.includes('none');
  if (none) tellOperator('register', 'OTEL_TRACES_EXPORTER is none, so that no span is recorded');
  const standard = none ? [] : standardProcessors(environment, load);
  const ours = none || disabled ? [] : [keptOpen(new EvolutionSpanProcessor())];
  const spanProcessors = [...ours, ...standard];
  const sdk = new NodeSDK({ spanProcessors, instrumentations: loadInstrumentations() });
  sdk.start();
  keepStandard(sdk, standard);
}

/** As the API keeps it for all of its copies of one major version. */
function hasTracerProvider(): boolean {
  const api = (globalThis as Record<symbol, unknown>)[Symbol.for('opentelemetry.js.api.1')];
  return (api as { readonly trace?: unknown } | undefined)?.trace !== undefined;
}

/** The SDK's shutdown flushes us; what ends after it is taken all the same. */
function keptOpen(processor: EvolutionSpanProcessor): SdkSpanProcessor {
  const forceFlush = (): Promise<void> => processor.forceFlush();
  return {
    onStart: (span, parentContext) => processor.onStart(span, parentContext),
    onEnd: (span) => processor.onEnd(span),
    forceFlush,
    shutdown: forceFlush,
  };
}

/** What the other exporters, and metrics and logs, still hold when the process ends. */
function keepStandard(
  sdk: { shutdown(): Promise<void> },
  standard: readonly SdkSpanProcessor[],
): void {
  let concluded: Promise<void> | null = null;
  keepAtProcessEnd({
    kind: 'exporter',
    get pending() {
      return concluded === null;
    },
    async forceFlush() {
      await Promise.all(standard.map((processor) => processor.forceFlush()));
    },
    conclude: () => (concluded ??= sdk.shutdown()),
    // They have no way to keep what they cannot send.
    rescue: () => {},
  });
}

/** @throws ConfigError with the command that installs it */
function loadSdk(): SdkNode & { readonly load: Load } {
  const found = findPackage('@opentelemetry/sdk-node');
  if (found === null) {
    throw new ConfigError(
      'otel-evolution/register starts the OpenTelemetry SDK, which is not installed.',
      {
        hint: 'Run: npm install @opentelemetry/sdk-node @opentelemetry/api',
      },
    );
  }
  // What the SDK itself depends on is found from where it lies, also by package managers that hide it from others.
  const load = createRequire(found.path);
  return { ...(found.load() as SdkNode), load };
}

function loadInstrumentations(): readonly unknown[] {
  const found = findPackage('@opentelemetry/auto-instrumentations-node');
  if (found === null) return [];
  // Modules that are imported, not required, are seen through a loader only.
  registerHook('@opentelemetry/instrumentation/hook.mjs', pathToFileURL(found.path));
  const { getNodeAutoInstrumentations } = found.load() as {
    readonly getNodeAutoInstrumentations: () => readonly unknown[];
  };
  return getNodeAutoInstrumentations();
}

/** Beside this package, else from the working directory; `null` where it is not installed. */
function findPackage(name: string): { readonly path: string; load(): unknown } | null {
  for (const from of [__filename, join(process.cwd(), 'register.js')]) {
    const require = createRequire(from);
    try {
      const path = require.resolve(name);
      return { path, load: () => require(path) as unknown };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND') throw error;
    }
  }
  return null;
}
