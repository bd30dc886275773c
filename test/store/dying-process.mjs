// Writes a world batch by batch, has it derived, closed and admitted, or does to it what upkeep does, and ends itself
// at the commit it is told to.
import { mkdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { build } from 'esbuild';

const root = join(import.meta.dirname, '..', '..');
// Inside the project, so that packages are found.
const folder = join(root, 'node_modules', '.cache', 'dying-process');
mkdirSync(folder, { recursive: true });
const outfile = join(folder, `dying-${process.pid}.cjs`);
await build({
  stdin: {
    contents: `
      export { openStore } from './src/store';
      export { batchesOf, closeAll, upkeepSteps, writeOne } from './test/store/worlds';`,
    resolveDir: root,
  },
  outfile,
  bundle: true,
  platform: 'node',
  packages: 'external',
  format: 'cjs',
});
const { openStore, batchesOf, closeAll, upkeepSteps, writeOne } = createRequire(import.meta.url)(
  outfile,
);
rmSync(outfile);
const { url, seed, from, dieAt, spansPerSlice, work } = JSON.parse(process.argv[2]);
let moment = 0;
const store = await openStore(url, {
  clock: { nowUnixNano: () => 7n },
  readWaitMillis: 60_000,
  maxSpansPerTransaction: 7,
  spansPerSlice,
  atCommit: () => {
    moment += 1;
    if (moment === dieAt) process.kill(process.pid, 'SIGKILL');
  },
});
if (work === 'upkeep') {
  for (let number = from; number < upkeepSteps.length; number += 1) {
    await upkeepSteps[number](store);
    process.send({ done: number + 1 });
  }
} else {
  const batches = batchesOf(seed);
  for (let number = from; number < batches.length; number += 1) {
    await writeOne(store, batches[number]);
    process.send({ done: number + 1 });
    // A look has what was written derived.
    if (number % 3 === 0) await store.listTasks({});
  }
  await closeAll(store);
}
await store.close();
process.send({ moments: moment });
