import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { connect, createServer } from 'node:net';
import { Transform } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';

export interface TcpProxy {
  readonly port: number;
  /** Breaks what is connected and refuses what comes, as when the machine behind is gone. */
  cut(): Promise<void>;
  restore(): Promise<void>;
  /** From now on every answer comes so much later, and so many bytes in a second; `null` as it was. */
  slow(pace: Pace | null): void;
}

export interface Pace {
  readonly latencyMillis: number;
  readonly bytesPerSecond: number;
}

/** A wire that can be cut, and made slow, in front of a server. */
export async function startTcpProxy(target: { host: string; port: number }): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  let pace: Pace | null = null;
  const slowly = () =>
    new Transform({
      transform(chunk: Buffer, _, pass) {
        if (pace === null) return pass(null, chunk);
        const millis = pace.latencyMillis + (1_000 * chunk.length) / pace.bytesPerSecond;
        void sleep(millis).then(() => pass(null, chunk));
      },
    });
  const server = createServer((near) => {
    const far = connect(target);
    near.pipe(far);
    far.pipe(slowly()).pipe(near);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.on('error', () => to.destroy());
      from.on('close', () => {
        sockets.delete(from);
        to.destroy();
      });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    async cut() {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
    },
    async restore() {
      server.listen(port, '127.0.0.1');
      await once(server, 'listening');
    },
    slow: (asked) => void (pace = asked),
  };
}
