import { createMetrics, createServer } from '../api';
import type { ConfigurationOptions } from '../config';
import { resolveConfiguration } from '../config';
import { createOtlpHandler } from '../otlp';
import { createEvolution } from './create-evolution';
import type { Evolution } from './evolution';
import { startBackgroundLearning } from './background-learning';

export interface ServeOptions extends ConfigurationOptions {
  /** Hears one line per event worth knowing. */
  readonly log: (line: string) => void;
}

export interface Service {
  /** e.g. `http://127.0.0.1:4319`. */
  readonly url: string;
  readonly evolution: Evolution;
  /** Refuses new requests, answers what has begun, closes the database. */
  close(): Promise<void>;
}

/**
 * Opens the database and listens: OTLP/HTTP on `/v1/traces` and `/v1/logs`, `/healthz`, `/readyz`,
 * `/metrics`.
 *
 * @throws ConfigError for an address beyond loopback without a token, EvolutionError when the
 * database cannot be opened; rejects when the port is taken.
 */
export async function serve({ log, ...options }: ServeOptions): Promise<Service> {
  const { values, warnings } = resolveConfiguration(options);
  for (const warning of warnings) log(`warning: ${warning}`);
  const evolution = await createEvolution(options);
  try {
    const metrics = createMetrics(async () => ({ ...(await evolution.store.getTotals()) }));
    const server = await createServer({
      otlp: createOtlpHandler({ sink: evolution.sink, observe: metrics.observeOtlp }),
      metrics,
      checkReady: () => evolution.store.ping(),
      onError: (error) => log(`error: ${describe(error)}`),
      host: values.host,
      port: values.port,
      token: values.token,
    });
    const learning = values.learn
      ? startBackgroundLearning(evolution, (error) => log(`learning: ${describe(error)}`))
      : null;
    return {
      url: server.url,
      evolution,
      async close() {
        await server.close();
        await learning?.stop();
        await evolution.close();
      },
    };
  } catch (error) {
    await evolution.close();
    throw error;
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
