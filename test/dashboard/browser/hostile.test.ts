import type { Browser } from 'playwright-core';
import { launch, TestServer, visit, watch } from './open-dashboard';
import { hostilePayloads as payloads } from '../../support/hostile-payloads';
import { idOf, start } from './otlp-span';

// What spans bring is not to be trusted, and servers go away.

const server = new TestServer();
let browser: Browser;

beforeAll(async () => {
  browser = await launch();
  await server.start();
});

afterAll(async () => {
  await browser?.close();
  await server.remove();
});

interface Made {
  readonly trace: string;
  readonly name: string;
  readonly parent?: string | undefined;
  readonly from: bigint;
  readonly to: bigint;
  readonly attributes?: Readonly<Record<string, string>>;
  readonly message?: string;
}

function makeSpan(id: string, span: Made): object {
  const attributes = Object.entries(span.attributes ?? {});
  return {
    traceId: idOf(span.trace, 32),
    spanId: idOf(id, 16),
    ...(span.parent === undefined ? {} : { parentSpanId: idOf(span.parent, 16) }),
    name: span.name,
    startTimeUnixNano: String(span.from),
    endTimeUnixNano: String(span.to),
    attributes: attributes.map(([key, stringValue]) => ({ key, value: { stringValue } })),
    status: span.message === undefined ? {} : { code: 2, message: span.message },
    events: [{ name: span.name, timeUnixNano: String(span.from), attributes: [] }],
  };
}

test('150 payloads in every text that a span can carry: none is executed', async () => {
  expect(payloads.length).toBeGreaterThanOrEqual(150);
  const spans = payloads.map((text, at) =>
    makeSpan(`x${at}`, {
      trace: 'hostile',
      name: text,
      parent: at === 0 ? undefined : 'x0',
      from: start + BigInt(at) * 1000n,
      to: start + (at === 0 ? 1_000_000_000n : BigInt(at) * 1000n + 900n),
      message: text,
      attributes: {
        'gen_ai.operation.name': at === 0 ? 'invoke_agent' : 'execute_tool',
        'gen_ai.tool.name': text,
        'gen_ai.request.model': text,
        'error.type': text,
        'agent.id': payloads[0]!,
        'task.id': payloads[2]!,
        'task.type': payloads[3]!,
        'execution.id': 'hostile-run',
        'session.id': payloads[5]!,
        [text]: text,
        'reward.value': '1',
        'reward.feedback': text,
      },
    }),
  );
  await server.send(spans);
  const { page, troubles } = await watch(await browser.newContext());
  const trace = `${server.url}/traces/${idOf('hostile', 32)}`;
  for (const path of [
    '/',
    '/tasks',
    '/tasks?view=timeline',
    '/traces',
    '/findings',
    `/tasks/${encodeURIComponent(payloads[2]!)}`,
  ]) {
    await visit(page, server.url + path);
  }
  for (const view of ['?unfold=1', '?view=flame', '?view=aggregated']) {
    await visit(page, trace + view);
    for (const details of await page.locator('summary').all()) await details.click();
  }
  for (const tab of ['summary', 'attributes', 'events', 'links', 'rewards', 'why', 'json']) {
    for (const span of ['x0', 'x1', 'x77']) {
      await visit(
        page,
        `${trace}?span=${idOf(span, 16)}&tab=${tab}&q=${encodeURIComponent(payloads[1]!)}`,
      );
    }
  }
  expect(await page.evaluate('window.__executed ?? 0')).toBe(0);
  expect(troubles).toEqual([]);
  await page.context().close();
});

test('20,000 spans, 2,000 deep, one that ends before it starts: opens, scrolls, zooms', async () => {
  const count = 20_000;
  for (let from = 0; from < count; from += 4000) {
    const spans = Array.from({ length: 4000 }, (_, offset) => {
      const at = from + offset;
      const begin = start + BigInt(at) * 1_000_000n;
      const parent = at === 0 ? undefined : at <= 2000 ? `b${at - 1}` : 'b0';
      const end =
        at === 2001
          ? begin - 5_000_000n
          : at <= 2000
            ? start + 30_000_000_000n - BigInt(at) * 1000n
            : begin + 800_000n;
      return makeSpan(`b${at}`, {
        trace: 'big',
        name: `step ${at % 13}`,
        parent,
        from: begin,
        to: end,
      });
    });
    await server.send(spans);
  }
  const { page, troubles } = await watch(
    await browser.newContext({ viewport: { width: 1440, height: 900 } }),
  );
  await visit(page, `${server.url}/traces`);
  const begun = Date.now();
  await page.goto(`${server.url}/traces/${idOf('big', 32)}?unfold=1`);
  await page.getByRole('row').nth(20).waitFor();
  const opened = Date.now() - begun;
  await page.getByText('1 span ended before the start').waitFor();
  const rows = await page.getByRole('treegrid').getAttribute('aria-rowcount');
  expect(Number(rows)).toBe(count + 1);
  // How fast is `bench -- dashboard`; here it counts that only the rows in sight are in the document, in every frame.
  const scrolled = await page.evaluate(async () => {
    const grid = document.querySelector('[role=treegrid]')!;
    const step = Math.floor(grid.clientHeight / 28) * 28;
    const frames = [];
    for (let n = 0; n < 60; n += 1) {
      grid.scrollTop += step;
      await new Promise(requestAnimationFrame);
      await new Promise(requestAnimationFrame);
      const { top, bottom } = grid.getBoundingClientRect();
      const rows = [...grid.querySelectorAll('[role=rowgroup] > [role=row]')];
      const inSight = rows.filter((row) => {
        const box = row.getBoundingClientRect();
        return box.bottom > top && box.top < bottom;
      });
      frames.push({ rows: rows.length, inSight: inSight.length });
    }
    const [first] = grid.querySelectorAll('[role=rowgroup] > [role=row]');
    return { frames, fits: grid.clientHeight / 28, at: Number(first!.ariaRowIndex) };
  });
  process.stderr.write(`20,000 spans: interactive after ${opened} ms\n`);
  for (const { rows: drawn, inSight } of scrolled.frames) {
    expect(drawn).toBeLessThan(scrolled.fits + 20);
    expect(inSight).toBeGreaterThanOrEqual(Math.floor(scrolled.fits) - 1);
  }
  expect(scrolled.at).toBeGreaterThan(60);
  // At rest the rows stand in the order in which they are read, and the zoom in the address.
  await page.getByRole('treegrid').press('+');
  await page.waitForURL(/t0=/);
  const order = await page
    .locator('[role=rowgroup] > [role=row]')
    .evaluateAll((drawn) => drawn.map((row) => Number(row.ariaRowIndex)));
  expect(order).toEqual(order.toSorted((a, b) => a - b));
  await page.keyboard.press('End');
  await page.keyboard.press('z');
  await page.keyboard.press('2');
  await page.getByRole('img', { name: /Flame chart/ }).waitFor();
  expect(troubles).toEqual([]);
  await page.context().close();
});

test('an empty database waits for its first span, and shows it by itself', async () => {
  const empty = new TestServer();
  try {
    await empty.start();
    const { page, troubles } = await watch(await browser.newContext());
    await visit(page, empty.url);
    await page.getByText('Waiting for the first span').waitFor();
    expect(await page.getByRole('button', { name: /Copy command/ }).count()).toBe(3);
    await empty.send([
      makeSpan('first', {
        trace: 'first',
        name: 'invoke_agent one',
        from: start,
        to: start + 1000n,
      }),
    ]);
    await page.getByRole('heading', { name: 'How your agents do' }).waitFor({ timeout: 90_000 });
    expect(troubles).toEqual([]);
    await page.context().close();
  } finally {
    await empty.remove();
  }
});

test.each([0, 4_000])(
  'a server that goes away %i ms after the page was opened, and comes back: the page says so, and heals',
  async (millis) => {
    const other = new TestServer();
    try {
      await other.start();
      const port = Number(new URL(other.url).port);
      const { page } = await watch(await browser.newContext());
      await visit(page, `${other.url}/health`);
      await page.getByRole('button', { name: 'Live' }).waitFor();
      // The code of the other pages comes a while after the first page.
      await page.waitForTimeout(millis);
      await other.stop();
      await page.getByRole('button', { name: 'No answer' }).waitFor();
      await page.keyboard.press('g');
      await page.keyboard.press('r');
      await page.getByText('The server does not answer').waitFor();
      await page.getByRole('navigation', { name: 'Pages' }).waitFor();
      await other.start(port);
      await page.getByRole('button', { name: 'Live' }).waitFor();
      await page
        .getByText('No trace')
        .or(page.getByRole('table', { name: 'Traces' }))
        .waitFor();
      await page.keyboard.press('?');
      await page.getByRole('dialog').waitFor();
      await page.context().close();
    } finally {
      await other.remove();
    }
  },
);
