import { defineConfig, type UserConfig } from 'tsdown';

type Plugin = Extract<UserConfig['plugins'], { readonly name: string }>;

// The demo loads the application's own SDK, of whichever version; it is neither bundled nor a peer.
const external = [/^@opentelemetry\//, /^@openfeature\//];

const common = {
  platform: 'node',
  target: 'node20',
  fixedExtension: true,
  outDir: 'dist',
  // All builds run at once: the script empties the folder before.
  clean: false,
  // `__filename` in the ESM copy: the report looks for Plotly from where this package lies.
  shims: true,
  external,
  inputOptions: { checks: { pluginTimings: false } },
} satisfies UserConfig;

const entry = {
  index: 'src/index.ts',
  register: 'src/register.ts',
  openfeature: 'src/openfeature/index.ts',
};

/** The library is CommonJS, and each entry has a door for `import`: see "What importing costs" in src/README.md. */
const doors: Plugin = {
  name: 'doors-for-import',
  generateBundle(_options, bundle) {
    for (const chunk of Object.values(bundle)) {
      if (chunk.type !== 'chunk' || !chunk.isEntry || !chunk.fileName.endsWith('.cjs')) continue;
      if (chunk.fileName.endsWith('.d.cts') || !(chunk.name in entry)) continue;
      const names = chunk.exports.join(', ');
      const from = `'./${chunk.fileName}';\n`;
      this.emitFile({
        type: 'asset',
        fileName: `${chunk.name}.mjs`,
        source:
          names === ''
            ? `import ${from}`
            : `import library from ${from}export const { ${names} } = library;\n`,
      });
    }
  },
};

export default defineConfig([
  {
    ...common,
    entry,
    format: ['cjs'],
    dts: true,
    plugins: [doors],
    outputOptions: {
      codeSplitting: {
        groups: [
          // What is needed at once is one file; what is loaded at first use is not in it.
          { name: 'guest', test: /src[\\/](index|runtime[\\/]index)\.ts$/ },
        ],
      },
    },
  },
  { ...common, entry, format: ['esm'], dts: { emitDtsOnly: true } },
  {
    ...common,
    entry: {
      cli: 'src/cli/main.ts',
      'intake-worker': 'src/runtime/intake-worker.ts',
      'learning-worker': 'src/runtime/learning-worker.ts',
    },
    format: ['esm'],
    dts: false,
  },
]);
