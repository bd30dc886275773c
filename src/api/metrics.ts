import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { OtlpLoad, OtlpObservation } from '../model/ports';
import type { JobState } from '../model/ports-upkeep';
import { registerJobs } from './job-metrics';

export interface Metrics {
  readonly contentType: string;
  readonly observeOtlp: (observation: OtlpObservation) => void;
  /** `load` is asked once per scrape for what is under way. */
  readonly observeLoad: (load: () => OtlpLoad) => void;
  /** `readJobs` is asked once per scrape for what is done in the background. */
  readonly observeJobs: (readJobs: () => Promise<JobState>) => void;
  /** `bytes` is asked once per scrape for what waits on disk for the database. */
  readonly observeSpool: (bytes: () => number) => void;
  /** Prometheus text format. */
  readonly render: () => Promise<string>;
}

/** Our own figures for Prometheus; `readTotals` is asked once per scrape. */
export function createMetrics(
  readTotals: () => Promise<Readonly<Record<string, number>>>,
): Metrics {
  const registry = new Registry();
  const { requests, records, reduced, bytes, duration } = registerOtlp(registry);
  new Gauge({
    name: 'otel_evolution_stored',
    help: 'Rows in the store.',
    labelNames: ['kind'],
    registers: [registry],
    async collect() {
      for (const [kind, count] of Object.entries(await readTotals())) this.set({ kind }, count);
    },
  });

  return {
    contentType: registry.contentType,
    observeOtlp(observed) {
      const { signal, status, accepted, duplicates, refused, bytes: size, seconds } = observed;
      requests.inc({ signal, status });
      records.inc({ signal, outcome: 'stored' }, accepted - duplicates);
      records.inc({ signal, outcome: 'duplicate' }, duplicates);
      records.inc({ signal, outcome: 'refused' }, refused);
      reduced.inc({ signal }, observed.reduced);
      bytes.inc({ signal }, size);
      duration.observe({ signal }, seconds);
    },
    observeLoad(load) {
      registerLoad(registry, load);
    },
    observeJobs(readJobs) {
      registerJobs(registry, readJobs);
    },
    observeSpool(bytes) {
      registerSpool(registry, bytes);
    },
    render: () => registry.metrics(),
  };
}

function registerLoad(registry: Registry, load: () => OtlpLoad): void {
  new Gauge({
    name: 'otel_evolution_otlp_in_flight_bytes',
    help: 'Bytes of request bodies that are not committed yet.',
    registers: [registry],
    collect() {
      this.set(load().bytes);
    },
  });
  new Gauge({
    name: 'otel_evolution_otlp_waiting_requests',
    help: 'Requests that wait for their turn.',
    registers: [registry],
    collect() {
      this.set(load().waiting);
    },
  });
}

function registerSpool(registry: Registry, bytes: () => number): void {
  new Gauge({
    name: 'otel_evolution_spool_bytes',
    help: 'What is acknowledged and waits on disk for the database.',
    registers: [registry],
    collect() {
      this.set(bytes());
    },
  });
}

function registerOtlp(registry: Registry) {
  const registers = [registry];
  const requests = new Counter({
    name: 'otel_evolution_otlp_requests_total',
    help: 'OTLP requests by signal and HTTP status.',
    labelNames: ['signal', 'status'],
    registers,
  });
  const records = new Counter({
    name: 'otel_evolution_otlp_records_total',
    help: 'Spans and log records by what became of them.',
    labelNames: ['signal', 'outcome'],
    registers,
  });
  const reduced = new Counter({
    name: 'otel_evolution_otlp_reduced_total',
    help: 'Parts that stored records lost: a tag, a link, the end of an id.',
    labelNames: ['signal'],
    registers,
  });
  const bytes = new Counter({
    name: 'otel_evolution_otlp_request_bytes_total',
    help: 'Request bodies as they came, in bytes.',
    labelNames: ['signal'],
    registers,
  });
  const duration = new Histogram({
    name: 'otel_evolution_otlp_request_duration_seconds',
    help: 'From the first byte to the committed answer.',
    labelNames: ['signal'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
    registers,
  });
  return { requests, records, reduced, bytes, duration };
}
