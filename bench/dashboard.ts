/**
 * What people wait for, in a real browser on a server of its own (`npm run build` first; Chromium by `CHROMIUM`): the home page of
 * the demo's database until its numbers stand there, each time with an empty cache; a trace of 20,000 spans from the
 * click to the rows that answer a key, frames per second while it scrolls and zooms, the memory of the page's process; a trace of
 * 100,000 spans, and what it says of what is folded. Prints JSON; times in ms.
 *
 *   --runs N    runs of the demo (2000)
 *   --loads N   of the home page, and of the large trace (5)
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import type { Browser, Page } from 'playwright-core';
import { launch, TestServer } from '../test/dashboard/browser/open-dashboard';
import { percentiles } from './measure/percentiles';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '2000' },
    loads: { type: 'string', default: '5' },
  },
});
const loads = Number(values.loads);
const viewport = { width: 1440, height: 900 };

const browser = await launch();
const demo = new TestServer();
const large = new TestServer();
try {
  await demo.run('demo', '--executions', values.runs);
  await demo.start();
  const home = await times(loads, () => loadHome(browser, demo.url));
  await demo.stop();
  await large.start();
  const traceIds = { 20_000: await sendTrace(20_000), 100_000: await sendTrace(100_000) };
  const opened = await times(loads, () => openTrace(traceIds[20_000]));
  const [last] = opened.slice(-1);
  const huge = await openTrace(traceIds[100_000]);
  console.log(
    JSON.stringify({
      home: percentiles(home),
      trace20000: {
        interactive: percentiles(opened.map(({ interactive }) => interactive)),
        framesPerSecond: last!.framesPerSecond,
        memoryMib: Math.max(...opened.map(({ memoryMib }) => memoryMib)),
        said: last!.said,
      },
      trace100000: huge,
    }),
  );
} finally {
  await browser.close();
  await demo.remove();
  await large.remove();
}

async function times<T>(count: number, once: () => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  for (let n = 0; n < count; n += 1) results.push(await once());
  return results;
}

/** By the page's own clock, which begins with the navigation. */
async function loadHome(within: Browser, url: string): Promise<number> {
  const context = await within.newContext({ viewport });
  const page = await context.newPage();
  await page.addInitScript(
    `new MutationObserver(() => { if (!window.shownAt && document.querySelector('article dl dd')) ` +
      `requestAnimationFrame(() => { window.shownAt ??= performance.now(); }); })` +
      `.observe(document, { childList: true, subtree: true });`,
  );
  await page.goto(url);
  await page.locator('article dl dd').first().waitFor();
  await page.waitForTimeout(100); // the frame in which it is drawn
  const shown = Number(await page.evaluate('window.shownAt'));
  await context.close();
  return shown;
}

async function openTrace(traceId: string) {
  const context = await browser.newContext({ viewport });
  const page = await context.newPage();
  await page.goto(`${large.url}/traces`);
  const row = page.getByRole('row').filter({ hasText: `trace ${traceId.slice(0, 8)}` });
  await row.waitFor();
  await page.waitForTimeout(2_000); // somebody reads the list
  const begun = performance.now();
  await row.click();
  await page.getByRole('treegrid').getByRole('row').nth(3).waitFor();
  await page.keyboard.press('j');
  await page.waitForURL(/span=/);
  const interactive = performance.now() - begun;
  const said = await page.getByRole('toolbar').getByRole('status').innerText();
  await page.keyboard.press('[');
  await page.keyboard.press('r');
  const framesPerSecond = {
    scrolling: await countFrames(page, 'grid.scrollTop += 900'),
    zooming: await countFrames(
      page,
      `window.dispatchEvent(new KeyboardEvent('keydown', { key: n % 40 < 20 ? '+' : '-', bubbles: true }))`,
    ),
  };
  const memoryMib = await memoryOfPages();
  await context.close();
  return { interactive, framesPerSecond, memoryMib, said };
}

/** Over two seconds, doing something in every frame. */
async function countFrames(page: Page, action: string): Promise<number> {
  const drawn = await page.evaluate(
    `(async () => {
      const grid = document.querySelector('[role=treegrid]');
      const from = performance.now();
      let n = 0;
      for (; performance.now() - from < 2000; n += 1) {
        ${action};
        await new Promise(requestAnimationFrame);
      }
      return n / 2;
    })()`,
  );
  return Number(drawn);
}

/** Of the largest process that draws a page. */
async function memoryOfPages(): Promise<number> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  await session.detach();
  const sizes = await Promise.all(
    processInfo
      .filter(({ type }) => type === 'renderer')
      .map(async ({ id }) => {
        const status = await readFile(`/proc/${id}/status`, 'utf8').catch(() => '');
        return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024;
      }),
  );
  return Math.round(Math.max(...sizes));
}

/** A chain of 2,000 calls, and below its first one all others side by side. */
async function sendTrace(count: number): Promise<string> {
  const traceId = idOf(`trace of ${count}`, 32);
  const start = 1_790_000_000_000_000_000n;
  const end = start + BigInt(count) * 1_000_000n;
  for (let from = 0; from < count; from += 4_000) {
    const spans = Array.from({ length: Math.min(4_000, count - from) }, (_, offset) => {
      const at = from + offset;
      const begin = start + BigInt(at) * 1_000_000n;
      const deep = at <= 2_000;
      const parent = at === 0 ? null : deep ? at - 1 : 0;
      return {
        traceId,
        spanId: idOf(`${count} ${at}`, 16),
        ...(parent === null ? {} : { parentSpanId: idOf(`${count} ${parent}`, 16) }),
        name: at === 0 ? `trace ${traceId.slice(0, 8)}` : `step ${at % 3}`,
        startTimeUnixNano: String(begin),
        endTimeUnixNano: String(deep ? end - BigInt(at) : begin + 800_000n),
        attributes: [{ key: 'note', value: { stringValue: 'x'.repeat(200) } }],
        events: [],
        status: at % 500 === 499 ? { code: 2, message: 'failed' } : {},
      };
    });
    await large.send(spans, 20);
  }
  return traceId;
}

function idOf(text: string, digits: number): string {
  return createHash('sha256').update(text).digest('hex').slice(0, digits);
}
