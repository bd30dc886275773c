// npm run bench -- NAME [args]: bundles bench/NAME.ts (also learning/NAME, experiments/NAME) and runs it;
// it prints one JSON object.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const folder = dirname(fileURLToPath(import.meta.url));
const names = ['', 'learning/', 'experiments/'].flatMap((room) =>
  existsSync(join(folder, room))
    ? readdirSync(join(folder, room))
        .filter((name) => name.endsWith('.ts'))
        .map((name) => room + name.slice(0, -3))
    : [],
);
const [name, ...rest] = process.argv.slice(2);
if (!names.includes(name)) {
  console.error(`Which bench? ${names.join(', ')}`);
  process.exit(3);
}
// Inside the project, so that packages are found.
const out = join(folder, '..', 'node_modules', '.cache', 'bench');
mkdirSync(out, { recursive: true });
const outfile = join(out, `${name.replace('/', '-')}-${process.pid}.mjs`);
await build({
  entryPoints: [join(folder, `${name}.ts`)],
  outfile,
  bundle: true,
  platform: 'node',
  packages: 'external',
  format: 'esm',
});
const { status } = spawnSync(process.execPath, ['--expose-gc', outfile, ...rest], {
  stdio: 'inherit',
});
rmSync(outfile);
process.exit(status ?? 1);
