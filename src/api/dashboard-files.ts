import { randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Context, MiddlewareHandler } from 'hono';

interface StoredFile {
  readonly type: string;
  readonly plain: Buffer<ArrayBuffer>;
  readonly zipped: Buffer<ArrayBuffer>;
}

/** Addresses of the API and the protocols; every other that a browser opens is a page of the dashboard. */
const notPages = /^\/(api|v1|healthz|readyz|metrics|openapi\.json)(\/|$)/;

/** What the build wrote into the page where a nonce belongs. */
const noncePlaceholder = 'CSP_NONCE';

/**
 * Serves the built dashboard from memory: its files by name, its page for every other address that a
 * browser opens. It is no secret, so it stands before the guard; what it shows comes through the API.
 * `null` where there is no build.
 */
export async function serveDashboard(folder: URL): Promise<MiddlewareHandler | null> {
  const files = await readFiles(fileURLToPath(folder));
  const page = files.get('/index.html')?.plain.toString('utf8');
  if (page === undefined) return null;
  return async (c, next) => {
    if (c.req.method !== 'GET' && c.req.method !== 'HEAD') return next();
    const file = c.req.path === '/index.html' ? undefined : files.get(c.req.path);
    if (file !== undefined) return sendFile(c, file);
    if (notPages.test(c.req.path) || !c.req.header('accept')?.includes('text/html')) return next();
    return sendPage(c, page);
  };
}

async function readFiles(root: string): Promise<ReadonlyMap<string, StoredFile>> {
  const names = await readdir(root, { recursive: true, withFileTypes: true }).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return [];
      throw error;
    },
  );
  const paths = names.filter((e) => e.isFile()).map((e) => join(e.parentPath, e.name));
  const entries = paths.map(async (path): Promise<[string, StoredFile]> => {
    const plain = await readFile(path);
    const name = `/${relative(root, path).split(sep).join('/')}`;
    return [name, { type: typeOf(path), plain, zipped: await promisify(gzip)(plain) }];
  });
  return new Map(await Promise.all(entries));
}

const types: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

function typeOf(path: string): string {
  return types[extname(path)] ?? 'application/octet-stream';
}

function sendFile(c: Context, { type, plain, zipped }: StoredFile): Response {
  const compressed = c.req.header('accept-encoding')?.includes('gzip') ?? false;
  return c.body(compressed ? zipped : plain, 200, {
    'content-type': type,
    // Names below /assets/ hold a hash of what is in them.
    'cache-control': c.req.path.startsWith('/assets/')
      ? 'public, max-age=31536000, immutable'
      : 'no-cache',
    vary: 'accept-encoding',
    'x-content-type-options': 'nosniff',
    ...(compressed ? { 'content-encoding': 'gzip' } : {}),
  });
}

function sendPage(c: Context, page: string): Response {
  const nonce = randomBytes(16).toString('base64');
  return c.body(page.replaceAll(noncePlaceholder, nonce), 200, {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'content-security-policy': contentSecurityPolicy(nonce),
    'cross-origin-opener-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
  });
}

/** Nothing from elsewhere, no inline script, and no text may become markup (trusted types). */
function contentSecurityPolicy(nonce: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self'",
    "font-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    'trusted-types default',
  ].join('; ');
}
