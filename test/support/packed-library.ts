import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';

const root = resolve(__dirname, '../..');

/**
 * A folder in which programs find this library by its name and all other packages of the project, as a
 * user's programs would.
 */
export async function makeProgramFolder(): Promise<{ folder: string; remove(): void }> {
  const folder = join(root, 'node_modules', '.cache', `programs-${process.pid}-${Date.now()}`);
  const library = join(folder, 'node_modules', 'otel-evolution');
  mkdirSync(library, { recursive: true });
  await build({
    entryPoints: [join(root, 'src/index.ts')],
    outfile: join(library, 'index.cjs'),
    bundle: true,
    platform: 'node',
    packages: 'external',
    format: 'cjs',
    // What an import sees of a CommonJS module is found in its text.
    footer: { js: `0 && (module.exports = { ${exportedNames.join(', ')} });` },
  });
  writeFileSync(
    join(library, 'package.json'),
    JSON.stringify({ name: 'otel-evolution', main: 'index.cjs' }),
  );
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

const exportedNames = [
  'createEvolution',
  'EvolutionExporter',
  'EvolutionSpanProcessor',
  'linkReward',
  'openStore',
  'queryByTags',
  'withEvolutionTracking',
  'withTags',
];
