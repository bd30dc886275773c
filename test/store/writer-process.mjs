// Writes traces one by one and reports each id that was acknowledged, until it is killed.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

const root = join(import.meta.dirname, '..', '..');
// Inside the project, so that packages are found.
const folder = join(root, 'node_modules', '.cache', 'writer-process');
mkdirSync(folder, { recursive: true });
const outfile = join(folder, `writer-${process.pid}.mjs`);
await build({
  stdin: {
    contents: `
      export { openStore } from './src/store';
      export { makeSpan, traceId } from './test/support/make-span';
      export { makeMeaning } from './test/support/make-meaning';`,
    resolveDir: root,
  },
  outfile,
  bundle: true,
  platform: 'node',
  packages: 'external',
  format: 'esm',
});
const { openStore, makeSpan, traceId, makeMeaning } = await import(outfile);
const store = await openStore(process.argv[2]);
for (let number = 1; ; number += 1) {
  const span = makeSpan({ traceId: traceId(number) });
  await store.write({ spans: [{ span, meaning: makeMeaning({ role: 'agent' }) }], rewards: [] });
  process.send(span.traceId);
}
