import { setTimeout as sleep } from 'node:timers/promises';
import type { EvolutionStore } from '../../src/model/ports';
import type { Span, SpanAddress } from '../../src/model/span';
import { seededRandom } from '../../src/stats';
import type { TrafficRequest } from './agent-traffic';
import { AgentTraffic } from './agent-traffic';
import { OtlpClient } from './otlp-client';
import type { ProcessEnd, ServerProcess } from './server-process';
import { startServer } from './server-process';

export interface KillCyclesOptions {
  readonly cli: string;
  readonly databaseUrl: string;
  readonly seed: number;
  readonly cycles: number;
  /** After so long none begins any more. @defaultValue no limit */
  readonly maxSeconds?: number;
  /** How the server is ended: without warning, or asked. */
  readonly signal: 'SIGKILL' | 'SIGTERM';
  /** Spans that a cycle has acknowledged before its end is near. @defaultValue those of the first answer */
  readonly atLeastAcknowledged?: number;
  /** Another process that reads the same database. */
  readonly store: EvolutionStore;
}

export interface KillCycle {
  readonly endedAfterMillis: number;
  /** From its start until the next server answers. */
  readonly readyAfterMillis: number;
  readonly end: ProcessEnd;
  /** Spans whose request was answered with 200 before the end. */
  readonly acknowledged: number;
  /** Spans of the requests that the end left without an acknowledgement. */
  readonly unanswered: number;
  /** Acknowledged spans that the store does not have. */
  readonly lost: readonly string[];
  /** Whatever differs from each span stored once, after every unanswered request was sent again. */
  readonly wrong: readonly string[];
}

/**
 * Ends the server while four connections send, starts it again, looks for every acknowledged span,
 * and sends again what was not acknowledged. The moments come from the seed.
 */
export async function runKillCycles(options: KillCyclesOptions): Promise<KillCycle[]> {
  const random = seededRandom(`${options.seed}/moments`);
  const traffic = new AgentTraffic({ seed: options.seed, spansPerRequest: SPANS_PER_REQUEST });
  const cycles: KillCycle[] = [];
  const { cli, databaseUrl } = options;
  let server = await startServer({ cli, databaseUrl });
  try {
    const end = performance.now() + (options.maxSeconds ?? Infinity) * 1_000;
    while (cycles.length < options.cycles && performance.now() < end) {
      const endedAfterMillis = Math.round(MIN_MILLIS + random() * (MAX_MILLIS - MIN_MILLIS));
      const { survivor, cycle } = await runKillCycle(options, server, traffic, endedAfterMillis);
      server = survivor;
      cycles.push(cycle);
    }
  } finally {
    await server.stop('SIGTERM');
  }
  return cycles;
}

const CONNECTIONS = 4;
const SPANS_PER_REQUEST = 60;
// From amid the first commits to well within steady load.
const MIN_MILLIS = 30;
const MAX_MILLIS = 900;
// A supervisor would not wait much longer.
const MAX_STOP_MILLIS = 10_000;

async function runKillCycle(
  { cli, databaseUrl, store, signal, atLeastAcknowledged = 1 }: KillCyclesOptions,
  victim: ServerProcess,
  traffic: AgentTraffic,
  endedAfterMillis: number,
): Promise<{ readonly survivor: ServerProcess; readonly cycle: KillCycle }> {
  const load = startLoad(victim.url, traffic, atLeastAcknowledged);
  await load.enough;
  await sleep(endedAfterMillis);
  const giveUp = setTimeout(() => void victim.stop('SIGKILL'), MAX_STOP_MILLIS);
  const end = await victim.stop(signal);
  clearTimeout(giveUp);
  const { acknowledged, unanswered } = await load.end();

  const startedMillis = performance.now();
  const survivor = await startServer({ cli, databaseUrl });
  const readyAfterMillis = Math.round(performance.now() - startedMillis);
  const afterKill = await readTraces(store, acknowledged);
  const lost = missing(addresses(acknowledged), [...afterKill.values()].flat().map(addressOf));
  const client = new OtlpClient(survivor.url, { connections: 1 });
  for (const { body } of unanswered) await sendAgain(client, body);
  client.close();
  const cycle = {
    endedAfterMillis,
    readyAfterMillis,
    end,
    acknowledged: addresses(acknowledged).length,
    unanswered: addresses(unanswered).length,
    lost,
    wrong: await findWrong(store, [...acknowledged, ...unanswered]),
  };
  return { survivor, cycle };
}

interface Load {
  /** Resolves when the server has acknowledged as much as was asked for. */
  readonly enough: Promise<void>;
  /** Once the server is gone: what it had acknowledged, and what it had not. */
  end(): Promise<{
    readonly acknowledged: readonly TrafficRequest[];
    readonly unanswered: readonly TrafficRequest[];
  }>;
}

/** Every connection sends until it breaks or is turned away. */
function startLoad(url: string, traffic: AgentTraffic, atLeast: number): Load {
  const client = new OtlpClient(url, { connections: CONNECTIONS });
  const acknowledged: TrafficRequest[] = [];
  const unanswered: TrafficRequest[] = [];
  let reached = (): void => undefined;
  const enough = new Promise<void>((resolve) => {
    reached = resolve;
  });
  const send = async (): Promise<void> => {
    for (;;) {
      const request = await traffic.next();
      if (!(await isAcknowledged(client, request.body))) {
        unanswered.push(request);
        return;
      }
      acknowledged.push(request);
      if (acknowledged.length * SPANS_PER_REQUEST >= atLeast) reached();
    }
  };
  const connections = Promise.all(Array.from({ length: CONNECTIONS }, send));
  return {
    enough: Promise.race([enough, connections.then(() => undefined)]),
    async end() {
      await connections;
      client.close();
      return { acknowledged, unanswered };
    },
  };
}

/** A server that has just started may ask to come again. */
async function sendAgain(client: OtlpClient, body: Buffer): Promise<void> {
  for (let tries = 0; tries < 20; tries += 1) {
    if (await isAcknowledged(client, body)) return;
    await sleep(250);
  }
  throw new Error('what was sent again was refused');
}

/** Whether all of it was; `false` when the server is gone or going. */
async function isAcknowledged(client: OtlpClient, body: Buffer): Promise<boolean> {
  let answer;
  try {
    answer = await client.post(body);
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (['ECONNRESET', 'ECONNREFUSED', 'EPIPE'].includes(code)) return false;
    throw error;
  }
  if (answer.status === 503 || answer.status === 429) return false;
  // A body would be a partial success: something was refused.
  if (answer.status === 200 && answer.body.length === 0) return true;
  throw new Error(`answered ${answer.status}: ${answer.body.toString()}`);
}

/** Every stored span of the traces that the requests name, by trace. */
async function readTraces(
  store: EvolutionStore,
  requests: readonly TrafficRequest[],
): Promise<ReadonlyMap<string, readonly Span[]>> {
  const traces = new Map<string, readonly Span[]>();
  for (const traceId of new Set(
    requests.flatMap(({ spans }) => spans.map((span) => span.traceId)),
  )) {
    traces.set(traceId, await store.getTrace(traceId));
  }
  return traces;
}

/** Each span once, each link once, each execution with as many spans as there are. */
async function findWrong(
  store: EvolutionStore,
  requests: readonly TrafficRequest[],
): Promise<string[]> {
  const traces = await readTraces(store, requests);
  const stored = [...traces.values()].flat().map(addressOf);
  const wrong = repeated(stored).map((address) => `${address} is stored twice`);
  wrong.push(...missing(addresses(requests), stored).map((address) => `${address} is missing`));
  for (const [traceId, spans] of traces) {
    const execution = await store.getExecution(spans[0]?.executionId ?? '');
    if (execution?.spans !== spans.length) {
      wrong.push(`execution of ${traceId} counts ${execution?.spans} of ${spans.length} spans`);
    }
    const links = await store.queryLinks({ traceId, limit: 1000 });
    const ends = links.items.map(({ spanId, linkedSpanId }) => `${spanId} to ${linkedSpanId}`);
    wrong.push(...repeated(ends).map((link) => `link ${link} is stored twice`));
  }
  return wrong;
}

function addresses(requests: readonly TrafficRequest[]): string[] {
  return requests.flatMap(({ spans }) => spans.map(addressOf));
}

function addressOf({ traceId, spanId }: SpanAddress): string {
  return `${traceId}/${spanId}`;
}

function missing(wanted: readonly string[], present: readonly string[]): string[] {
  const known = new Set(present);
  return wanted.filter((item) => !known.has(item));
}

function repeated(items: readonly string[]): string[] {
  const seen = new Set<string>();
  return items.filter((item) => seen.size === seen.add(item).size);
}
