/**
 * Agent calls with one fault each, somewhere in what of ours runs in the agent's process: a call of ours throws, rejects, never
 * answers or answers nonsense. Counts the calls that came out otherwise than without us, and what reached the process.
 *
 *   --calls N   (100000)
 *   --seed N    (1)
 */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import type { runCampaign } from '../test/support/faults/campaign';
import { instrument, type FaultPoint } from '../test/support/faults/instrument';

const { values } = parseArgs({
  options: {
    calls: { type: 'string', default: '100000' },
    seed: { type: 'string', default: '1' },
  },
});
const root = process.cwd();
const out = join(root, 'node_modules', '.cache', 'bench');
mkdirSync(out, { recursive: true });
const outfile = join(out, `guest-faults-points-${process.pid}.mjs`);
const points: FaultPoint[] = [];
await build({
  entryPoints: [join(root, 'test', 'support', 'faults', 'campaign.ts')],
  outfile,
  bundle: true,
  platform: 'node',
  packages: 'external',
  format: 'esm',
  plugins: [instrument(root, points)],
});
const started = performance.now();
(globalThis as { faultPoint?: () => undefined }).faultPoint = () => undefined;
const campaign = (await import(pathToFileURL(outfile).href)) as { runCampaign: typeof runCampaign };
const result = await campaign
  .runCampaign(points, { calls: Number(values.calls), seed: Number(values.seed) })
  .catch((error: unknown) => {
    console.error(error); // the campaign listens for what is uncaught
    process.exit(2);
  });
rmSync(outfile);
const seconds = Math.round((performance.now() - started) / 1000);
console.log(JSON.stringify({ ...result, seed: Number(values.seed), seconds }));
process.exitCode = result.harmed === 0 ? 0 : 1;
