import { bookContract } from './contract/books';
import { executionContract } from './contract/executions';
import { createHarness } from './contract/harness';
import { judgementContract } from './contract/judgements';
import { learningContract } from './contract/learning';
import { migrationContract } from './contract/migrations';
import { permutationContract } from './contract/permutations';
import { queryContract } from './contract/queries';
import { spanContract } from './contract/spans';
import { tokenContract } from './contract/tokens';

// The first is what users get, the others what they fall back on; what this Node has not cannot be tried on it.
const fromNode22 = ['node:sqlite', 'better-sqlite3'] as const;
const drivers = [
  'sqlite3',
  ...(Number(process.versions.node.split('.')[0]) >= 22 ? fromNode22 : []),
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
  describe('queries', () => {
    queryContract(harness);
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
  describe('order of arrival', () => {
    permutationContract(harness);
  });
});
