/** @jest-config-loader esbuild-register */
import type { Config } from 'jest';
import base from './jest.config';

const { globalSetup: _setup, globalTeardown: _teardown, ...rest } = base;

/** The dashboard in a real browser, from the build (`npm run build`). */
const config: Config = {
  ...rest,
  roots: ['<rootDir>/test/dashboard/browser'],
  testPathIgnorePatterns: ['/node_modules/'],
  testTimeout: 400_000,
  maxWorkers: 1,
};

export default config;
