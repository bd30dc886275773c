#!/usr/bin/env node
import { exitCodes } from './exit-codes';
import { processIo } from './io';
import { run } from './run';

const interrupt = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.on(name, () => {
    if (interrupt.signal.aborted) process.exit(exitCodes.interrupted); // asked twice
    interrupt.abort();
  });
}

// Beside this file in the package.
const parts = {
  intake: new URL('./intake-worker.mjs', import.meta.url),
  learning: new URL('./learning-worker.mjs', import.meta.url),
  dashboard: new URL('./dashboard/', import.meta.url),
};

void run(process.argv.slice(2), processIo(), interrupt.signal, parts).then((code) => {
  process.exitCode = code;
});
