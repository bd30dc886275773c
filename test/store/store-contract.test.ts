import { executionContract } from './contract/executions';
import { createHarness } from './contract/harness';
import { permutationContract } from './contract/permutations';
import { spanContract } from './contract/spans';

describe.each(['sqlite', 'postgres'] as const)('EvolutionStore on %s', (dialect) => {
  const harness = createHarness(dialect);
  afterAll(() => harness.dispose());

  describe('spans', () => {
    spanContract(harness);
  });
  describe('tasks and executions', () => {
    executionContract(harness);
  });
  describe('order of arrival', () => {
    permutationContract(harness);
  });
});
