import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { build, type BuildOptions } from 'esbuild';

const root = resolve(__dirname, '../..');

/** What an ES module has not, and the report and the zero-code start look from. */
const ownPath = `import { fileURLToPath as pathOf } from 'node:url'; const __filename = pathOf(import.meta.url);`;

/**
 * A folder in which programs find this library by its name, in both formats and through the exports of its own
 * `package.json`, and all other packages of the project, as a user's programs would.
 *
 * @param parent - Where it is made; outside of the project its programs find no other package.
 */
export async function makeProgramFolder(
  parent = join(root, 'node_modules', '.cache'),
): Promise<{ folder: string; remove(): void }> {
  const folder = join(parent, `programs-${process.pid}-${(made += 1)}`);
  const library = join(folder, 'node_modules', 'otel-evolution');
  mkdirSync(library, { recursive: true });
  cpSync(join(root, 'package.json'), join(library, 'package.json'));
  const common = {
    entryPoints: [join(root, 'src/index.ts'), join(root, 'src/register.ts')],
    outdir: join(library, 'dist'),
    bundle: true,
    platform: 'node',
    packages: 'external',
    logLevel: 'error',
  } satisfies BuildOptions;
  await build({ ...common, format: 'cjs', outExtension: { '.js': '.cjs' } });
  await build({
    ...common,
    format: 'esm',
    outExtension: { '.js': '.mjs' },
    splitting: true,
    banner: { js: ownPath },
  });
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

let made = 0;
