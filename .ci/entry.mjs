// usage: node .ci/entry.mjs, after the build: what importing the package reads. Ends with 1 where that is more than one file of
// its own beside the door, or a package that an agent does not need at once.
import { statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, join, sep } from 'node:path';

const maxBytes = 450_000;
const require = createRequire(join(process.cwd(), 'dist', 'index.cjs'));
await import(join(process.cwd(), 'dist', 'index.mjs'));

const read = Object.keys(require.cache);
const own = read.filter(
  (file) => file.includes(`${sep}dist${sep}`) && !file.includes('node_modules'),
);
const bytes = own.reduce((sum, file) => sum + statSync(file).size, 0);
const packages = new Set(
  read.flatMap((file) => /node_modules[\\/]((?:@[^\\/]+[\\/])?[^\\/]+)/.exec(file)?.[1] ?? []),
);
console.log(
  `${own.map((file) => basename(file)).join(', ')}: ${bytes} bytes, ${[...packages].join(', ')}`,
);
const strangers = [...packages].filter(
  (name) => !/^@opentelemetry.api$|^fastest-levenshtein$/.test(name),
);
if (own.length > 2 || bytes > maxBytes || strangers.length > 0) {
  console.error(`Expected two files, at most ${maxBytes} bytes, and no further package.`);
  process.exitCode = 1;
}
