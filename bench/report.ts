/**
 * The report of an agent's runs, as people get it: how long the command takes and how large the file is, then opened in a real browser
 * that is offline (`npm run build` first; Chromium by `CHROMIUM`): when its charts are drawn, what it complains of, what
 * axe finds. Prints JSON; times in ms.
 *
 *   --runs N   runs of the demo's agent (2000)
 */
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { launch, TestServer, violationsOf, watch } from '../test/dashboard/browser/open-dashboard';

const { values } = parseArgs({ options: { runs: { type: 'string', default: '2000' } } });

const folder = await mkdtemp(join(tmpdir(), 'otel-evolution-report-'));
const file = join(folder, 'report.html');
const demo = new TestServer();
const browser = await launch();
try {
  await demo.run('demo', '--executions', values.runs);
  const begun = performance.now();
  await demo.run('report', '--agent', 'package-agent', '--output', file);
  const madeAfter = Math.round(performance.now() - begun);
  const { size } = await stat(file);
  const context = await browser.newContext({ offline: true });
  const { page, troubles } = await watch(context);
  const opening = performance.now();
  await page.goto(pathToFileURL(file).href);
  await page.locator('.js-plotly-plot .main-svg').first().waitFor();
  await page.waitForLoadState('load');
  const drawnAfter = Math.round(performance.now() - opening);
  const charts = await page.locator('.js-plotly-plot').count();
  const axe = await violationsOf(page, 'report');
  console.log(
    JSON.stringify({
      ...{ runs: Number(values.runs), madeAfter, megabytes: Math.round(size / 1e4) / 100 },
      ...{ drawnAfter, charts, troubles, axe },
    }),
  );
} finally {
  await browser.close();
  await demo.remove();
  await rm(folder, { recursive: true, force: true });
}
