import { timingSafeEqual } from 'node:crypto';
import { isIP } from 'node:net';
import { ConfigError } from '../errors';
import type { Clock } from '../model/ports';
import type { TokenScope, StoredToken, TokenBook } from '../model/token';
import { scopes as allScopes } from '../wire';
import { digest, isSecretOf, readToken } from './token-secret';

export interface GuardOptions {
  /** What is listened on; `null` where somebody else listens: then a token is always needed. */
  readonly host: string | null;
  /** The one of the configuration, which may everything. */
  readonly token: string | null;
  /** Those made by `token create`. */
  readonly tokens?: TokenBook | undefined;
  readonly clock: Clock;
}

export interface GuardedRequest {
  readonly host: string | undefined;
  readonly origin: string | undefined;
  readonly authorization: string | undefined;
  /** The route takes requests from pages of this origin. */
  readonly originAllowed: boolean;
}

export type Access =
  | { readonly allowed: true; readonly scopes: readonly TokenScope[] }
  | { readonly allowed: false; readonly status: 401 | 403; readonly detail: string };

export type Guard = (request: GuardedRequest) => Promise<Access>;

/**
 * Who may call. On loopback the Host header must name this machine (a web page that rebinds its
 * name to 127.0.0.1 cannot), elsewhere a token is needed. A browser may write only from our origin, or from
 * one that the route allows.
 */
export function createGuard(options: GuardOptions): Guard {
  const { host, token } = options;
  const loopback = host !== null && isLoopback(host);
  const configured = token === null ? null : digest(token);
  return async ({ host: called, origin, authorization, originAllowed }) => {
    if (loopback && !isLoopback(hostName(called))) {
      return refuse(403, `Host "${called ?? ''}" is not this machine.`);
    }
    if (origin !== undefined && originHost(origin) !== called && !originAllowed) {
      return refuse(403, `Origin "${origin}" is not ours.`);
    }
    const sent = bearerOf(authorization);
    if (sent !== null && configured !== null && timingSafeEqual(digest(sent), configured)) {
      return { allowed: true, scopes: allScopes };
    }
    const named = sent === null ? null : readToken(sent);
    if (named !== null) return judgeToken(named, options);
    if (loopback && configured === null) return { allowed: true, scopes: allScopes };
    return refuse(401, 'A bearer token is needed: Authorization: Bearer <token>.');
  };
}

/** @throws ConfigError for an address beyond loopback where nobody could have a token */
export async function checkBinding({ host, token, tokens, clock }: GuardOptions): Promise<void> {
  if (host === null || isLoopback(host) || token !== null) return;
  const made = (await tokens?.listTokens()) ?? [];
  if (made.some((each) => whyVoid(each, clock) === null)) return;
  throw new ConfigError(`serve on ${host} would let anybody on the network read and write.`, {
    hint: 'Make a token (otel-evolution token create --scope ingest), set EVOLUTION_TOKEN to a secret of 16 characters or more, or bind to 127.0.0.1.',
  });
}

async function judgeToken(
  { id, secret }: { readonly id: string; readonly secret: string },
  { tokens, clock }: GuardOptions,
): Promise<Access> {
  const token = (await tokens?.getToken(id)) ?? null;
  const right = isSecretOf(secret, token);
  if (token === null || !right) return refuse(401, 'This token is not known.');
  const why = whyVoid(token, clock);
  return why === null ? { allowed: true, scopes: token.scopes } : refuse(401, why);
}

/** `null` for a token that may be used. */
function whyVoid(token: StoredToken, clock: Clock): string | null {
  if (token.revokedAtUnixNano !== null) return `The token ${token.id} was revoked.`;
  const { expiresAtUnixNano: expires } = token;
  if (expires === null || expires > clock.nowUnixNano()) return null;
  return `The token ${token.id} has expired.`;
}

function refuse(status: 401 | 403, detail: string): Access {
  return { allowed: false, status, detail };
}

/** The scheme's name is read in any case (RFC 9110, 11.1). */
function bearerOf(authorization: string | undefined): string | null {
  return /^bearer +(.*)$/i.exec(authorization ?? '')?.[1] ?? null;
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
