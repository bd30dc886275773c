import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { CampaignResult } from '../support/faults/campaign';

const root = join(__dirname, '..', '..');

test('a fault anywhere of ours changes no result of an agent, and reaches nobody', async () => {
  const args = [join(root, 'bench', 'run.mjs'), 'guest-faults', '--calls', '10000'];
  const env = { ...process.env, EVOLUTION_STDERR: 'false' };
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: root, env });
  const result = JSON.parse(stdout) as CampaignResult;
  expect(result.harm).toEqual([]);
  expect(result.harmed).toBe(0);
  expect(result.calls).toBe(10_000);
  // It is a campaign only where the points are reached and the faults come to pass.
  expect(result.reached).toBeGreaterThan(300);
  expect(result.faults['throw']).toBeGreaterThan(3_000);
  expect(result.faults['nonsense']).toBeGreaterThan(3_000);
}, 120_000);
