/**
 * What listeners and exports cost a server of its own on SQLite: ingest with 100 listeners of `/api/v1/events` against
 * without, in turns, then all spans streamed as JSON lines, counted, with the server's peak memory. Prints JSON.
 *
 *   --spans N       of each of the four rounds (30000)
 *   --listeners N   (100)
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { AgentTraffic } from '../test/support/agent-traffic';
import { bundleCli, startServer } from '../test/support/server-process';
import { peakMemoryMibOf } from './measure/process-usage';
import { sendAll } from './measure/send-all';

const spansPerRequest = 120;
const connections = 4;

const { values } = parseArgs({
  options: {
    spans: { type: 'string', default: '30000' },
    listeners: { type: 'string', default: '100' },
  },
});
const requests = Math.ceil(Number(values.spans) / spansPerRequest);
const traffic = new AgentTraffic({ seed: 7, spansPerRequest });
const cli = await bundleCli();
const folder = await mkdtemp(join(tmpdir(), 'otel-evolution-listeners-'));
const databaseUrl = `sqlite:${join(folder, 'test.db')}`;
const environment = { EVOLUTION_LEARN: 'false' };
try {
  const rounds: { readonly listeners: number; readonly spansPerSecond: number }[] = [];
  let heard = 0;
  const server = await startServer({ cli: cli.path, databaseUrl, environment });
  await sendAll(server.url, await traffic.many(20), connections);
  for (const listeners of [0, Number(values.listeners), 0, Number(values.listeners)]) {
    const batch = await traffic.many(requests);
    const ending = new AbortController();
    const listening = Array.from({ length: listeners }, () => listen(server.url, ending.signal));
    await new Promise((resolve) => setTimeout(resolve, 500));
    const started = performance.now();
    await sendAll(server.url, batch, connections);
    const seconds = (performance.now() - started) / 1000;
    rounds.push({ listeners, spansPerSecond: Math.round((requests * spansPerRequest) / seconds) });
    ending.abort();
    heard += (await Promise.all(listening)).reduce((sum, bytes) => sum + bytes, 0);
  }
  await server.stop('SIGTERM');
  const sent = (20 + 4 * requests) * spansPerRequest;
  const exported = await exportAll();
  if (exported.lines !== sent) throw new Error(`${exported.lines} of ${sent} spans were exported`);
  const mean = (wanted: boolean): number => {
    const own = rounds.filter(({ listeners }) => listeners > 0 === wanted);
    return own.reduce((sum, { spansPerSecond }) => sum + spansPerSecond, 0) / own.length;
  };
  const withListeners = Math.round((mean(true) / mean(false)) * 1000) / 1000;
  console.log(JSON.stringify({ rounds, withListeners, heardBytes: heard, exported }));
} finally {
  await cli.remove();
  await rm(folder, { recursive: true, force: true });
}

/** Bytes that came. */
async function listen(url: string, signal: AbortSignal): Promise<number> {
  let bytes = 0;
  try {
    const response = await fetch(`${url}/api/v1/events`, { signal });
    for await (const chunk of response.body as AsyncIterable<Uint8Array>) bytes += chunk.byteLength;
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  return bytes;
}

/** A server that has done nothing else: its peak is that of the export. */
async function exportAll() {
  const server = await startServer({ cli: cli.path, databaseUrl, environment });
  const before = await peakMemoryMibOf(server.pid);
  const started = performance.now();
  const headers = { accept: 'application/x-ndjson' };
  const response = await fetch(`${server.url}/api/v1/spans`, { headers });
  let lines = 0;
  for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
    for (const byte of chunk) if (byte === 10) lines += 1;
  }
  const seconds = Math.round((performance.now() - started) / 100) / 10;
  const peakMib = await peakMemoryMibOf(server.pid);
  await server.stop('SIGTERM');
  return { lines, seconds, idlePeakMib: before, peakMib };
}
