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

describe.each(['sqlite', 'postgres'] as const)('EvolutionStore on %s', (dialect) => {
  const harness = createHarness(dialect);
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
