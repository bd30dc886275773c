import { bookContract } from './contract/books';
import { executionContract } from './contract/executions';
import { createHarness, type StoreHarness } from './contract/harness';
import { judgementContract } from './contract/judgements';
import { learningContract } from './contract/learning';
import { matchKeyContract } from './contract/match-keys';
import { migrationContract } from './contract/migrations';
import { onceWrongContract } from './contract/once-wrong';
import { operationContract } from './contract/operations';
import { permutationContract } from './contract/permutations';
import { queryContract } from './contract/queries';
import { spanContract } from './contract/spans';
import { tokenContract } from './contract/tokens';
import { withoutWalks } from './statement-plans';

// The first is what users get, the others what they fall back on. `.ci/node-leg` runs what a later Node brings, with
// `better-sqlite3`, which is not among the project's packages: Node 20 cannot load it, and it is built from source.
const later = Number(process.versions.node.split('.')[0]) >= 22;
const drivers = [
  'sqlite3',
  ...(later ? (['node:sqlite'] as const) : []),
  ...(later && isInstalled('better-sqlite3') ? (['better-sqlite3'] as const) : []),
  'libsql',
] as const;
const grounds = [
  ...drivers.map((driver) => ['sqlite', driver] as const),
  ['postgres', 'pg'] as const,
];

describe.each(grounds)('EvolutionStore on %s by %s', (dialect, driver) => {
  const harness = createHarness(dialect, driver === 'pg' ? undefined : driver);
  // Of a whole suite there are many schemas to drop.
  afterAll(() => harness.dispose(), 120_000);

  if (driver === 'sqlite3' || driver === 'pg') withoutWalks(dialect, () => wholeContract(harness));
  else wholeContract(harness);
});

function wholeContract(harness: StoreHarness): void {
  describe('schema', () => {
    migrationContract(harness);
  });
  describe('spans', () => {
    spanContract(harness);
  });
  describe('tasks and executions', () => {
    executionContract(harness);
  });
  describe('rewards, links and tags', () => {
    judgementContract(harness);
  });
  describe('match keys', () => {
    matchKeyContract(harness);
  });
  describe('queries', () => {
    queryContract(harness);
  });
  describe('services and operations', () => {
    operationContract(harness);
  });
  describe('tokens', () => {
    tokenContract(harness);
  });
  describe('learning', () => {
    learningContract(harness);
  });
  describe('experiments, adaptations and configurations', () => {
    bookContract(harness);
  });
  describe('once wrong', () => {
    onceWrongContract(harness);
  });
  describe('order of arrival', () => {
    permutationContract(harness);
  });
}

function isInstalled(name: string): boolean {
  try {
    return require.resolve(name) !== '';
  } catch {
    return false;
  }
}
