/** @jest-config-loader esbuild-register */
import type { Config } from 'jest';

const config: Config = {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  // Needs the build and a browser: `npm run test:dashboard`.
  testPathIgnorePatterns: ['/node_modules/', '/test/dashboard/browser/'],
  // Types are checked once, by `npm run types`; here ts-jest only turns ESM syntax into CommonJS.
  transform: {
    '^.+\\.ts$': [
      'ts-jest',
      {
        tsconfig: {
          module: 'CommonJS',
          moduleResolution: 'Bundler',
          target: 'ES2022',
          isolatedModules: true,
          esModuleInterop: true,
        },
        transpilation: true,
        diagnostics: false,
      },
    ],
  },
  globalSetup: '<rootDir>/test/support/postgres-up.mjs',
  globalTeardown: '<rootDir>/test/support/postgres-down.mjs',
  testTimeout: 30_000,
  // Much of the time is spent waiting for databases and child processes.
  maxWorkers: '100%',
  // A failing test may leave a server or a pool open; the run must end all the same.
  forceExit: true,
};

export default config;
