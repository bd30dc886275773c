import { InputError } from '../errors';
import type { HourlyFigures, HourlyQuery, LatencyQuery, Upkeep } from '../model/ports-upkeep';
import { formatInstant, type groupKeys, type SeriesJson, type SeriesPointJson } from '../wire';
import { successRate } from './task-metrics';

type GroupKey = (typeof groupKeys)[number];
type Group = SeriesJson['series'][number]['group'];

export interface SeriesQuery extends HourlyQuery {
  readonly bucket: SeriesJson['bucket'];
  readonly groupBy: readonly GroupKey[];
}

const hour = 3_600_000_000_000n;
const bucketNanos: Readonly<Record<SeriesJson['bucket'], bigint>> = { hour, day: 24n * hour };

/** Series from the hourly sums of the store, which are read some thousand at a time, and percentiles of its runs. */
export async function metricSeries(
  store: Pick<Upkeep, 'readHourly' | 'readLatencies'>,
  { bucket, groupBy, ...asked }: SeriesQuery,
): Promise<SeriesJson> {
  const size = bucketNanos[bucket];
  const since = asked.sinceUnixNano === undefined ? undefined : startOf(asked.sinceUnixNano, size);
  const { untilUnixNano: end } = asked;
  const until = end === undefined ? undefined : startOf(end + size - 1n, size);
  const series = new Map<string, { readonly group: Group; readonly points: Map<bigint, Sums> }>();
  for await (const row of readHours(store, {
    ...asked,
    sinceUnixNano: since,
    untilUnixNano: until,
  })) {
    const group = groupOf(row, groupBy);
    const key = JSON.stringify(group);
    let found = series.get(key);
    if (found === undefined) series.set(key, (found = { group, points: new Map() }));
    const start = startOf(row.hourUnixNano, size);
    let sums = found.points.get(start);
    if (sums === undefined) found.points.set(start, (sums = new Sums()));
    sums.add(row);
  }
  const latencies = await readLatencies(store, {
    ...asked,
    ...{ sinceUnixNano: since, untilUnixNano: until, bucketNanos: size },
    groupBy: groupBy.map((key) => groupNames[key]),
  });
  return {
    bucket,
    since: since === undefined ? null : formatInstant(since),
    until: until === undefined ? null : formatInstant(until),
    series: [...series]
      .sort(([x], [y]) => (x < y ? -1 : 1))
      .map(([, { group, points }]) => ({
        group,
        points: [...points].map(([start, sums]) => ({
          ...sums.finish(start),
          latency_ms: latencies.get(keyOf(start, group)) ?? null,
        })),
      })),
  };
}

const groupNames = { agent_id: 'agentId', task_type: 'taskType', model: 'model' } as const;

const keyOf = (start: bigint, { agent_id = null, task_type = null, model = null }: Group): string =>
  JSON.stringify([String(start), agent_id, task_type, model]);

async function readLatencies(
  store: Pick<Upkeep, 'readLatencies'>,
  query: LatencyQuery,
): Promise<ReadonlyMap<string, SeriesPointJson['latency_ms']>> {
  const rows = (await store.readLatencies(query)) ?? [];
  return new Map(
    rows.map(({ startUnixNano, agentId, taskType, model, p50, p95 }) => [
      keyOf(startUnixNano, { agent_id: agentId, task_type: taskType, model }),
      { p50, p95 },
    ]),
  );
}

/** What `readHourly` gives at most. */
const mostRows = 10_000;

/** All rows in order of time: a full answer may end within an hour, whose rows then come with the next. */
async function* readHours(
  store: Pick<Upkeep, 'readHourly'>,
  query: HourlyQuery,
): AsyncIterable<HourlyFigures> {
  let { sinceUnixNano } = query;
  for (;;) {
    const rows = await store.readHourly({ ...query, sinceUnixNano });
    if (rows.length < mostRows) return yield* rows;
    const last = rows.at(-1)!.hourUnixNano;
    if (last === rows[0]!.hourUnixNano) {
      throw new InputError(
        `More than ${mostRows} agents, task types and models ran in the hour of ${formatInstant(last)}.`,
        { hint: 'Ask for one agent_id, task_type or model.' },
      );
    }
    yield* rows.filter(({ hourUnixNano }) => hourUnixNano < last);
    sinceUnixNano = last;
  }
}

function startOf(unixNano: bigint, size: bigint): bigint {
  return unixNano - (unixNano % size);
}

function groupOf(row: HourlyFigures, groupBy: readonly GroupKey[]): Group {
  const values: Readonly<Record<GroupKey, string | null>> = {
    agent_id: row.agentId,
    task_type: row.taskType,
    model: row.model,
  };
  return Object.fromEntries(groupBy.map((key) => [key, values[key]]));
}

class Sums {
  #executions = 0;
  #failed = 0;
  #judged = 0;
  #successes = 0;
  #errors = 0;
  #cost = 0;
  #input = 0;
  #output = 0;
  readonly #reward = new Mean();
  readonly #latency = new Mean();

  add(row: HourlyFigures): void {
    this.#executions += row.executions;
    this.#failed += row.failed;
    this.#judged += row.judged;
    this.#successes += row.successes;
    this.#errors += row.errors;
    this.#cost += row.costUsd;
    this.#input += row.inputTokens;
    this.#output += row.outputTokens;
    this.#reward.add(row.meanReward, row.rewarded);
    this.#latency.add(row.meanLatencyMs, row.timed);
  }

  finish(start: bigint): Omit<SeriesPointJson, 'latency_ms'> {
    return {
      start: formatInstant(start),
      executions: this.#executions,
      failed: this.#failed,
      judged: this.#judged,
      success_rate: successRate(this.#successes, this.#judged),
      mean_reward: this.#reward.value(),
      mean_latency_ms: this.#latency.value(),
      // The hourly sums do not tell nothing from nothing known, and runs that cost nothing are rare.
      cost_usd: this.#cost || null,
      tokens: { input: this.#input || null, output: this.#output || null },
      errors: this.#errors,
    };
  }
}

class Mean {
  #sum = 0;
  #weight = 0;

  add(mean: number | null, weight: number): void {
    if (mean === null) return;
    this.#sum += mean * weight;
    this.#weight += weight;
  }

  value(): number | null {
    return this.#weight === 0 ? null : this.#sum / this.#weight;
  }
}
