/**
 * Spans per second that one and that three servers store in one Postgres database, one after the other and again, each server a process
 * of its own with four connections of its own. Prints JSON.
 *
 *   --spans N   of each round (60000)
 */
import { parseArgs } from 'node:util';
import { AgentTraffic, type TrafficRequest } from '../test/support/agent-traffic';
import { bundleCli, startServer } from '../test/support/server-process';
import { startPostgres } from '../test/support/start-postgres.mjs';
import { sendAll } from './measure/send-all';

const spansPerRequest = 120;
const connections = 4;

const { values } = parseArgs({ options: { spans: { type: 'string', default: '60000' } } });
const requests = Math.ceil(Number(values.spans) / spansPerRequest);
const traffic = new AgentTraffic({ seed: 3, spansPerRequest });
const cli = await bundleCli();
const postgres = await startPostgres();
try {
  const rates: { readonly receivers: number; readonly spansPerSecond: number }[] = [];
  for (const receivers of [1, 3, 1, 3]) {
    rates.push({ receivers, spansPerSecond: await measure(receivers, rates.length) });
  }
  const mean = (receivers: number): number => {
    const own = rates.filter((rate) => rate.receivers === receivers);
    return own.reduce((sum, { spansPerSecond }) => sum + spansPerSecond, 0) / own.length;
  };
  console.log(JSON.stringify({ rates, threeToOne: Math.round((mean(3) / mean(1)) * 100) / 100 }));
} finally {
  await postgres.stop();
  await cli.remove();
}

async function measure(receivers: number, round: number): Promise<number> {
  const databaseUrl = `${postgres.url}?schema=bench_receivers_${round}`;
  const environment = { EVOLUTION_LEARN: 'false' };
  const servers = [await startServer({ cli: cli.path, databaseUrl, environment })];
  while (servers.length < receivers) {
    servers.push(await startServer({ cli: cli.path, databaseUrl, environment }));
  }
  const shares: TrafficRequest[][] = servers.map(() => []);
  for (let n = 0; n < requests; n += 1) shares[n % receivers]!.push(await traffic.next());
  const started = performance.now();
  await Promise.all(servers.map(({ url }, n) => sendAll(url, shares[n]!, connections)));
  const seconds = (performance.now() - started) / 1000;
  for (const server of servers) await server.stop('SIGTERM');
  return Math.round((requests * spansPerRequest) / seconds);
}
