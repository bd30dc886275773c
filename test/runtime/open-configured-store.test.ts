import { createEvolution, type EvolutionError } from '../../src/index';
import { createHarness } from '../store/contract/harness';

const harness = createHarness('sqlite');
afterAll(() => harness.dispose());

test('options of the store that nobody could set are settings: a locked file is waited for as long as is said', async () => {
  const databaseUrl = harness.newUrl();
  const open = (retryMillis: number) =>
    createEvolution({ databaseUrl, retryMillis, readWaitMillis: 0 });
  const [patient, hasty] = [await open(1_500), await open(50)];
  const other = await harness.connect(databaseUrl);
  await other.raw('BEGIN IMMEDIATE');
  const gaveUp: string[] = [];
  const tryTo = (name: string, evolution: typeof patient) =>
    evolution.store
      .createTask({ id: name })
      .catch((error: EvolutionError) => gaveUp.push(`${name}: ${error.code}`));
  await Promise.all([tryTo('patient', patient), tryTo('hasty', hasty)]);
  expect(gaveUp).toEqual(['hasty: database_unavailable', 'patient: database_unavailable']);
  await other.raw('ROLLBACK');
  await other.destroy();
  await hasty.close();
  await patient.close();
});

test.each([
  ['databaseConnections', 0],
  ['databaseConnections', 65],
  ['retryMillis', 60_001],
  ['statementTimeoutMillis', 99],
  ['readWaitMillis', -1],
])('%s: %d is out of range', async (setting, value) => {
  const options = { databaseUrl: 'sqlite::memory:', [setting]: value };
  await expect(createEvolution(options)).rejects.toThrow(`${setting}: expected an integer from`);
});
