import { gzipSync } from 'node:zlib';
import type { Plugin, Rolldown } from 'vite';
import { defineConfig } from 'vite';

/** Script of a page, gzipped, in KB of 1,000 bytes: what everybody loads first, and what a page adds. */
const budgets = { first: 260, page: 250 };

/** The dashboard: built into the package, served by `serve`; nothing of it is a run-time dependency. */
export default defineConfig({
  root: 'src/dashboard',
  // `serve` puts a fresh nonce in its place with every answer.
  html: { cspNonce: 'CSP_NONCE' },
  build: {
    outDir: '../../dist/dashboard',
    emptyOutDir: true,
    target: 'es2023',
    // A polyfill would be an inline script.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1000,
    reportCompressedSize: false,
    rolldownOptions: {
      onLog(level, log, handle) {
        // Libraries mark what may run in a browser only; all of this does.
        if (log.code !== 'MODULE_LEVEL_DIRECTIVE') handle(level, log);
      },
    },
  },
  plugins: [sizeBudgets()],
});

function sizeBudgets(): Plugin {
  return {
    name: 'size-budgets',
    generateBundle(_, bundle) {
      const chunks = Object.values(bundle).filter((part) => part.type === 'chunk');
      const entry = chunks.find((chunk) => chunk.isEntry)!;
      const first = withImports(bundle, entry, new Set());
      const sizes = [{ name: 'first load', size: sizeOf(bundle, first), limit: budgets.first }];
      for (const id of entry.dynamicImports) {
        const page = withImports(bundle, bundle[id] as Rolldown.OutputChunk, new Set(first));
        const own = new Set([...page].filter((name) => !first.has(name)));
        sizes.push({ name: id, size: sizeOf(bundle, own), limit: budgets.page });
      }
      for (const { name, size, limit } of sizes) {
        const line = `${name}: ${size.toFixed(1)} KB of ${limit} KB gzip`;
        if (size > limit) this.error(`The dashboard is over its budget: ${line}`);
        this.info(line);
      }
    },
  };
}

function withImports(
  bundle: Rolldown.OutputBundle,
  chunk: Rolldown.OutputChunk,
  seen: Set<string>,
): Set<string> {
  if (seen.has(chunk.fileName)) return seen;
  seen.add(chunk.fileName);
  for (const id of chunk.imports) {
    const next = bundle[id];
    if (next?.type === 'chunk') withImports(bundle, next, seen);
  }
  return seen;
}

function sizeOf(bundle: Rolldown.OutputBundle, names: ReadonlySet<string>): number {
  const codes = [...names].map((name) => (bundle[name] as Rolldown.OutputChunk).code);
  return codes.reduce((sum, code) => sum + gzipSync(code).length, 0) / 1000;
}
