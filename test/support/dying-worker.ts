import { writeFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';

/** A module of a thread that ends with code 7 at its first message, once; after that it is the real one. */
export async function writeDyingWorker(real: string): Promise<URL> {
  const path = real.replace(/\.mjs$/, '-dying.mjs');
  await writeFile(
    path,
    `import { existsSync, writeFileSync } from 'node:fs';
     import { parentPort } from 'node:worker_threads';
     const mark = ${JSON.stringify(`${path}.died`)};
     if (existsSync(mark)) await import(${JSON.stringify(pathToFileURL(real))});
     else parentPort.on('message', () => { writeFileSync(mark, ''); process.exit(7); });`,
  );
  return pathToFileURL(path);
}
