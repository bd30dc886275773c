import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Door } from './worlds';

/** A connection on which anything can be said. */
export interface RawClient {
  readonly socket: Socket;
  /** All that has come until the server closed the connection, or until `millis` were over. */
  readonly heard: (millis: number) => Promise<string>;
}

export async function openSocket({ receiver }: Door, said: string | Buffer): Promise<RawClient> {
  const { port, hostname } = new URL(receiver.url);
  const socket = connect(Number(port), hostname);
  let text = '';
  socket.on('data', (chunk) => (text += chunk.toString('latin1')));
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  socket.write(said);
  return {
    socket,
    async heard(millis) {
      const over = AbortSignal.timeout(millis);
      if (!socket.closed) await once(socket, 'close', { signal: over }).catch(() => undefined);
      socket.destroy();
      return text;
    },
  };
}

export function head({ headers }: Door, ...lines: readonly string[]): string {
  const [line = 'POST /v1/traces HTTP/1.1', ...more] = lines;
  const all = [line, 'Host: 127.0.0.1', `Content-Type: ${headers['content-type']}`, ...more];
  return `${all.join('\r\n')}\r\n\r\n`;
}

/** The statuses of all answers on one connection. */
export function statusesIn(heard: string): readonly number[] {
  return [...heard.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => Number(status));
}
