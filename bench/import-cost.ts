import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/**
 * npm run bench -- import-cost [rounds]: what importing the built package adds to a bare `@opentelemetry/api`,
 * in processes of their own, in turns. Milliseconds of CPU, medians; `ratio` holds on any machine.
 */
const rounds = Number(process.argv[2] ?? 21);
const entries = {
  nothing: 'data:text/javascript,',
  api: '@opentelemetry/api',
  ours: pathToFileURL(join('dist', 'index.mjs')).href,
};

const samples = { nothing: [] as number[], api: [] as number[], ours: [] as number[] };
for (let round = 0; round < rounds; round += 1) {
  for (const [name, specifier] of Object.entries(entries)) {
    samples[name as keyof typeof samples].push(importMillis(specifier));
  }
}
const [nothing, api, ours] = [samples.nothing, samples.api, samples.ours].map(median) as [
  number,
  number,
  number,
];
const figures = { nothing, api, ours, more: ours - api, ratio: (ours - nothing) / (api - nothing) };
console.log(
  JSON.stringify(figures, (_, value: unknown) =>
    typeof value === 'number' ? Math.round(value * 100) / 100 : value,
  ),
);

function importMillis(specifier: string): number {
  const program = `const before = process.cpuUsage();
    await import(${JSON.stringify(specifier)});
    const { user, system } = process.cpuUsage(before);
    console.log((user + system) / 1000);`;
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--input-type=module', '--eval', program],
    { encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(stderr);
  return Number(stdout);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}
