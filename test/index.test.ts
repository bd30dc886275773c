import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';
import * as door from '../src/index';

test('importing the package loads no database, server, validator or command line', () => {
  const program = `
    require('./src/index');
    const packages = Object.keys(require.cache)
      .map((file) => /node_modules\\/((?:@[^/]+\\/)?[^/]+)/.exec(file)?.[1])
      .filter((name) => name !== undefined && !/esbuild|pirates|source-map|buffer-from|debug|^ms$|has-flag|supports-color/.test(name));
    console.log(JSON.stringify([...new Set(packages)].sort()));
  `;
  const out = execFileSync(process.execPath, ['-r', 'esbuild-register', '-e', program], {
    cwd: resolve(__dirname, '..'),
    encoding: 'utf8',
  });
  expect(JSON.parse(out)).toEqual(['@opentelemetry/api', 'fastest-levenshtein']);
});

test('the door has the names that users rely on', () => {
  expect(Object.keys(door)).toEqual(
    expect.arrayContaining([
      'ConfidenceScorer',
      'createEvolution',
      'EvolutionExporter',
      'EvolutionSpanProcessor',
      'getGlobalTracker',
      'linkReward',
      'openStore',
      'queryByTags',
      'queryRewardsForOperation',
      'TrackEvolution',
      'withEvolutionTracking',
      'withTags',
    ]),
  );
});
