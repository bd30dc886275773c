import { defineConfig } from 'tsdown';

// The demo loads the application's own SDK, of whichever version; it is neither bundled nor a peer.
const external = [/^@opentelemetry\//, /^@openfeature\//];

const common = {
  platform: 'node',
  target: 'node20',
  fixedExtension: true,
  outDir: 'dist',
  // Both builds run at once: the script empties the folder before.
  clean: false,
  // `__filename` in the ESM copy: the report looks for Plotly from where this package lies.
  shims: true,
  external,
  inputOptions: { checks: { pluginTimings: false } },
} as const;

export default defineConfig([
  {
    ...common,
    entry: {
      index: 'src/index.ts',
      register: 'src/register.ts',
      openfeature: 'src/openfeature/index.ts',
    },
    format: ['esm', 'cjs'],
    dts: true,
  },
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
