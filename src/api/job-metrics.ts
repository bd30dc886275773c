import { Counter, Gauge, type Registry } from 'prom-client';
import type { JobState } from '../model/ports-upkeep';

type Values = readonly (readonly [kind: string | null, value: number])[];

/** What the store does in the background; `readJobs` is asked once per scrape. */
export function registerJobs(registry: Registry, readJobs: () => Promise<JobState>): void {
  let asked: Promise<JobState> | null = null;
  // All metrics of a scrape are collected at once, and share one answer.
  const ask = (): Promise<JobState> =>
    (asked ??= readJobs().finally(() => {
      asked = null;
    }));
  for (const [name, { help, values }] of Object.entries(jobMetrics)) {
    const options = { name: `otel_evolution_${name}`, help, registers: [registry] };
    const read = async (): Promise<Values> => values(await ask());
    if (name.endsWith('_total')) addCounter(options, read);
    else addGauge(options, read);
  }
}

interface MetricOptions {
  readonly name: string;
  readonly help: string;
  readonly registers: Registry[];
}

function addGauge(options: MetricOptions, read: () => Promise<Values>): void {
  new Gauge({
    ...options,
    labelNames: ['kind'],
    async collect() {
      for (const [kind, value] of await read()) this.set(kind === null ? {} : { kind }, value);
    },
  });
}

/** The sum is the store's own. */
function addCounter(options: MetricOptions, read: () => Promise<Values>): void {
  new Counter({
    ...options,
    labelNames: ['kind'],
    async collect() {
      const values = await read();
      this.reset();
      for (const [kind, value] of values) this.inc(kind === null ? {} : { kind }, value);
    },
  });
}

const one = (value: number): Values => [[null, value]];

const byKind = ({ traces, executions }: JobState['backlog']): Values => [
  ['traces', traces],
  ['executions', executions],
];

const toSeconds = (unixNano: bigint | null): number =>
  unixNano === null ? 0 : Number(unixNano / 1_000_000n) / 1_000;

const jobMetrics: Readonly<
  Record<string, { readonly help: string; readonly values: (jobs: JobState) => Values }>
> = {
  derive_backlog: { help: 'What waits to be derived.', values: (jobs) => byKind(jobs.backlog) },
  derive_failed: {
    help: 'What cannot be derived, and waits for something new.',
    values: (jobs) => byKind(jobs.failed),
  },
  derive_slices_total: {
    help: 'Slices that this process has derived.',
    values: (jobs) => one(jobs.slices),
  },
  derive_failures_total: {
    help: 'Things that this process could not derive.',
    values: (jobs) => one(jobs.failures),
  },
  derive_last_slice_seconds: {
    help: 'How long the last slice of this process took.',
    values: (jobs) => one(jobs.lastSliceMillis / 1_000),
  },
  derive_lease_held: {
    help: '1 while some process derives.',
    values: (jobs) => one(jobs.leaseHolder === null ? 0 : 1),
  },
  unlisted_spans_total: {
    help: 'Spans that came to this process and found no room for their operation in the list.',
    values: (jobs) => one(jobs.unlistedSpans),
  },
  last_close_timestamp_seconds: {
    help: 'When an execution was closed last; 0 for never.',
    values: (jobs) => one(toSeconds(jobs.lastCloseUnixNano)),
  },
  match_keys: {
    help: 'Attribute keys that links and rewards by query use, and of these still being indexed.',
    values: ({ matchKeys }) => [
      ['known', matchKeys.known],
      ['indexing', matchKeys.waiting],
    ],
  },
  match_key_refused_total: {
    help: 'Links and rewards by query that this process refused, since there was no room for their keys.',
    values: (jobs) => one(jobs.matchKeys.refusedClaims),
  },
  retention_last_run_timestamp_seconds: {
    help: 'When retention ran last; 0 for never.',
    values: (jobs) => one(toSeconds(jobs.retention.lastRunUnixNano)),
  },
  retention_removed_total: {
    help: 'What retention has removed, in all.',
    values: ({ retention }) => [
      ['traces', retention.removedTraces],
      ['spans', retention.removedSpans],
    ],
  },
};
