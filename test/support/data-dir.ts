import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

/**
 * Folder of the real agent runs. Where it is absent, the suites that need it say so out loud and are
 * counted as skipped; where EVOLUTION_DATA_DIR names a folder that is not there, they fail.
 */
export const dataDir = resolve(process.env.EVOLUTION_DATA_DIR ?? '../shared/data');

// Outside of a test run, as in a bench, there is nothing to choose.
export const describeWithData: typeof describe =
  typeof describe === 'undefined' ? (undefined as never) : chooseDescribe();

function chooseDescribe(): typeof describe {
  if (existsSync(dataDir)) return describe;
  if (process.env.EVOLUTION_DATA_DIR !== undefined) {
    throw new Error(`EVOLUTION_DATA_DIR=${dataDir} does not exist.`);
  }
  process.stderr.write(
    `NOT RUN: tests on real agent runs. ${dataDir} is absent; set EVOLUTION_DATA_DIR.\n`,
  );
  return describe.skip;
}
