import { setTimeout as sleep } from 'node:timers/promises';
import { openStore } from '../../src/store';
import { AgentTraffic } from '../support/agent-traffic';
import { OtlpClient, type OtlpAnswer } from '../support/otlp-client';
import { bundleCli, startServer } from '../support/server-process';
import { startTcpProxy } from '../support/tcp-proxy';

// R11: a database that answers, but late and little at a time. Nobody hears anything but 200, 429 and 503 with a time to come
// again, some of it is stored meanwhile, memory is bounded, and in the end each span is there once.
test('R11: a slow database is no failing one: it is refused what cannot be stored in time, and the rest is stored', async () => {
  if (process.env.TEST_PG_URL === 'none') return;
  const url = new URL(process.env.TEST_PG_URL!);
  url.searchParams.set('schema', `slow_${process.pid}`);
  const direct = url.href;
  await (await openStore(direct)).close();
  const proxy = await startTcpProxy({ host: url.hostname, port: Number(url.port || 5432) });
  url.hostname = '127.0.0.1';
  url.port = String(proxy.port);
  const cli = await bundleCli();
  const server = await startServer({ cli: cli.path, databaseUrl: url.href });
  const client = new OtlpClient(server.url, { connections: 8 });
  const asked = { health: 0, answered: true };
  const health = (async () => {
    for (; asked.answered; asked.health += 1) {
      expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
      await sleep(200);
    }
  })();
  try {
    const traffic = new AgentTraffic({ seed: 'slow', spansPerRequest: 100 });
    const requests = await Promise.all(Array.from({ length: 8 }, () => traffic.next()));
    expect((await client.post(requests[0]!.body)).status).toBe(200);

    proxy.slow({ latencyMillis: 40, bytesPerSecond: 100_000 });
    let accepted = 0;
    while (accepted < 2) {
      const answers = await Promise.all(requests.map(({ body }) => client.post(body)));
      for (const answer of answers) expectBounded(answer);
      accepted += answers.filter(({ status }) => status === 200).length;
    }

    proxy.slow(null);
    for (const { body } of requests) {
      while ((await client.post(body)).status !== 200) await sleep(100);
    }
    asked.answered = false;
    await health;
    expect(asked.health).toBeGreaterThan(0);
    const store = await openStore(direct);
    const spans = requests.flatMap((request) => request.spans);
    expect((await store.getTotals()).spans).toBe(spans.length);
    await store.close();
  } finally {
    asked.answered = false;
    client.close();
    await server.stop('SIGKILL');
    await proxy.cut();
    await cli.remove();
  }
}, 180_000);

function expectBounded({ status, headers, body }: OtlpAnswer): void {
  expect([200, 429, 503]).toContain(status);
  if (status === 200) return;
  expect(headers['retry-after']).toMatch(/^[1-4]$/);
  expect(body.toString()).not.toMatch(/\n\s+at |postgres:|SELECT|INSERT/);
}
