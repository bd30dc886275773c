import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/**
 * So long a connection may wait for its next request, ms: longer than whoever is at the other end lets it, else a request meets
 * one that is being closed here, and is lost. Exporters send every 5 s, scrapers every 15 to 60 s; load balancers keep a connection
 * for 60 s (AWS) to 600 s (Google), the Collector for 90 s. Clients are told whole seconds, so that they give up first.
 */
export const keepAliveMillis = 620_999;

/** What is beyond this share of the bound is kept free for whoever comes next. */
const usualShare = 15 / 16;

/**
 * Bounds what keeping connections costs: near `most` of them the one that has waited longest for a request is closed. `drain`
 * closes those that wait, and each of the others when what it asked is answered.
 */
export function keepConnections(server: Server, most = Infinity): { readonly drain: () => void } {
  const usual = Math.floor(most * usualShare);
  /** How many requests of each open connection are under way. */
  const requests = new Map<Socket, number>();
  /** Those that have had an answer and wait, the longest first. */
  const idle = new Set<Socket>();
  let draining = false;

  const forget = (socket: Socket): void => {
    requests.delete(socket);
    idle.delete(socket);
  };
  const makeRoom = (): void => {
    for (const socket of idle) {
      if (!draining && requests.size <= usual) return;
      forget(socket);
      socket.destroySoon();
    }
  };
  server.on('connection', (socket: Socket) => {
    requests.set(socket, 0);
    socket.once('close', () => forget(socket));
    makeRoom();
  });
  server.prependListener('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
    // A client that keeps its connection busy would keep the server open for ever.
    if (draining) response.setHeader('connection', 'close');
    requests.set(socket, (requests.get(socket) ?? 0) + 1);
    idle.delete(socket);
    response.once('close', () => {
      const left = requests.get(socket);
      if (left === undefined) return;
      requests.set(socket, left - 1);
      if (left > 1) return;
      idle.add(socket);
      makeRoom();
    });
  });
  return {
    drain() {
      draining = true;
      makeRoom();
      server.closeIdleConnections();
    },
  };
}
