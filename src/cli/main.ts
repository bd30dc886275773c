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

void run(process.argv.slice(2), processIo(), interrupt.signal).then((code) => {
  process.exitCode = code;
});
