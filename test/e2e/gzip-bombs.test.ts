import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { AgentTraffic } from '../support/agent-traffic';
import { OtlpClient } from '../support/otlp-client';
import { bundleCli, startServer } from '../support/server-process';

const mebibyte = 2 ** 20;

/** Memory that is resident now, and the most there was since `forget`. */
function memoryOf(pid: number) {
  const read = (name: string): number => {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)![1]) * 1024;
  };
  return {
    now: () => read('VmRSS'),
    most: () => read('VmHWM'),
    forget: () => writeFileSync(`/proc/${pid}/clear_refs`, '5'),
  };
}

test('twenty bombs of 512 MiB at once: all 413, at most 128 MiB more memory, healthy clients are served', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'otel-evolution-bombs-'));
  const cli = await bundleCli();
  const server = await startServer({
    cli: cli.path,
    databaseUrl: `sqlite:${join(folder, 'x.db')}`,
  });
  const healthy = new OtlpClient(server.url, { connections: 1 });
  const bombers = new OtlpClient(server.url, { connections: 20 });
  try {
    const traffic = new AgentTraffic({ seed: 'bombs', spansPerRequest: 50 });
    // So that what is measured is not the first use of anything.
    for (let n = 0; n < 40; n += 1) {
      expect((await healthy.post((await traffic.next()).body)).status).toBe(200);
    }
    const member = gzipSync(Buffer.alloc(mebibyte), { level: 9 });
    const bomb = Buffer.concat(Array<Buffer>(512).fill(member));
    expect(bomb.length).toBeLessThan(mebibyte);
    const memory = memoryOf(server.pid);
    const before = memory.now();
    memory.forget();
    let thrown = false;
    const answers = Promise.all(Array.from({ length: 20 }, () => bombers.post(bomb))).finally(
      () => (thrown = true),
    );
    const meanwhile: number[] = [];
    while (!thrown) meanwhile.push((await healthy.post((await traffic.next()).body)).status);
    expect((await answers).map(({ status }) => status)).toEqual(Array(20).fill(413));
    const more = (memory.most() - before) / mebibyte;
    process.stdout.write(
      `twenty bombs: ${Math.round(more)} MiB above ${Math.round(before / mebibyte)}, healthy requests meanwhile: ${meanwhile.join()}\n`,
    );
    expect(more).toBeLessThanOrEqual(128);
    expect(meanwhile.filter((status) => ![200, 429, 503].includes(status))).toEqual([]);
    expect(meanwhile).toContain(200);
  } finally {
    healthy.close();
    bombers.close();
    await server.stop('SIGKILL');
    await cli.remove();
    rmSync(folder, { recursive: true });
  }
}, 120_000);
