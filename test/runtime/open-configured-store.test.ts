import { createEvolution } from '../../src/index';
import { createHarness } from '../store/contract/harness';

const harness = createHarness('sqlite');
afterAll(() => harness.dispose());

test('options of the store that nobody could set are settings: a locked file is waited for as long as is said', async () => {
  const databaseUrl = harness.newUrl();
  const evolution = await createEvolution({ databaseUrl, retryMillis: 50, readWaitMillis: 0 });
  const other = await harness.connect(databaseUrl);
  await other.raw('BEGIN IMMEDIATE');
  const started = performance.now();
  await expect(evolution.store.createTask({ id: 'waiting' })).rejects.toMatchObject({
    code: 'database_unavailable',
  });
  expect(performance.now() - started).toBeLessThan(1_500);
  await other.raw('ROLLBACK');
  await other.destroy();
  await evolution.close();
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
