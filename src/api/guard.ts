import { createHash, timingSafeEqual } from 'node:crypto';
import { isIP } from 'node:net';
import { ConfigError } from '../errors';

export interface GuardOptions {
  readonly host: string;
  /** `null` on loopback only. */
  readonly token: string | null;
}

export interface GuardedRequest {
  readonly method: string;
  readonly host: string | undefined;
  readonly origin: string | undefined;
  readonly authorization: string | undefined;
}

export type Verdict =
  | { readonly allowed: true }
  | { readonly allowed: false; readonly status: 401 | 403; readonly detail: string };

/**
 * Who may call. On loopback the Host header must name this machine (a web page that rebinds its
 * name to 127.0.0.1 cannot), elsewhere a token is needed. A browser may write only from our origin.
 * Throws `ConfigError` for an address beyond loopback without a token.
 */
export function createGuard({ host, token }: GuardOptions): (request: GuardedRequest) => Verdict {
  const loopback = isLoopback(host);
  if (!loopback && token === null) {
    throw new ConfigError(`serve on ${host} would let anybody on the network read and write.`, {
      hint: 'Set EVOLUTION_TOKEN to a secret of 16 characters or more, or bind to 127.0.0.1.',
    });
  }
  const expected = token === null ? null : digest(token);
  return (request) => {
    if (loopback && !isLoopback(hostName(request.host))) {
      return refuse(403, `Host "${request.host ?? ''}" is not this machine.`);
    }
    if (request.origin !== undefined && originHost(request.origin) !== request.host) {
      return refuse(403, `Origin "${request.origin}" is not ours.`);
    }
    if (expected !== null && !timingSafeEqual(digest(bearerOf(request.authorization)), expected)) {
      return refuse(401, 'A bearer token is needed: Authorization: Bearer <EVOLUTION_TOKEN>.');
    }
    return { allowed: true };
  };
}

function refuse(status: 401 | 403, detail: string): Verdict {
  return { allowed: false, status, detail };
}

/** The scheme's name is read in any case (RFC 9110, 11.1). */
function bearerOf(authorization: string | undefined): string {
  return /^bearer +(.*)$/i.exec(authorization ?? '')?.[1] ?? '';
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function isLoopback(host: string): boolean {
  const bare = host.toLowerCase().replace(/^\[|\]$/g, '');
  return bare === 'localhost' || bare === '::1' || (isIP(bare) === 4 && bare.startsWith('127.'));
}

/** `[::1]:4319` → `[::1]`, `localhost:4319` → `localhost`. */
function hostName(host: string | undefined): string {
  return (host ?? '').replace(/:\d+$/, '');
}

function originHost(origin: string): string | null {
  try {
    return new URL(origin).host;
  } catch {
    return null; // `null` and other opaque origins are never ours
  }
}
