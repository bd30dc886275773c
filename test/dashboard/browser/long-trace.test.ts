import type { Browser, Page } from 'playwright-core';
import { launch, settle, TestServer, visit, watch } from './open-dashboard';
import { idOf, otlpSpan } from './otlp-span';

// A trace that is longer than the screen, and one that grows.

const server = new TestServer({ EVOLUTION_CAPTURE_CONTENT: 'true' });
let browser: Browser;

const count = 400;

beforeAll(async () => {
  browser = await launch();
  await server.start();
  await server.send(
    Array.from({ length: count }, (_, at) =>
      otlpSpan({
        id: `long ${at}`,
        trace: 'long',
        name: at % 50 === 7 ? `rare ${at}` : `step ${at}`,
        parent: at === 0 ? undefined : 'long 0',
        at,
        millis: at === 0 ? count : 1,
        ...(at === 390 ? { message: 'no' } : {}),
      }),
    ),
  );
});

afterAll(async () => {
  await browser?.close();
  await server.remove();
});

const trace = (name: string): string => `${server.url}/traces/${idOf(name, 32)}`;

/** Where the chosen row lies in what is seen of the list: 0 at its head, below the axis, 1 at its foot. */
async function placeOfChosen(page: Page): Promise<readonly [top: number, bottom: number]> {
  await page.locator('[role=row][aria-selected=true]').waitFor();
  return page.evaluate(async () => {
    await new Promise(requestAnimationFrame);
    await new Promise(requestAnimationFrame);
    const grid = document.querySelector('[role=treegrid]')!;
    const row = grid.querySelector('[aria-selected=true]')!.getBoundingClientRect();
    const axis = grid.querySelector('[role=row]')!.getBoundingClientRect();
    const { bottom } = grid.getBoundingClientRect();
    const height = bottom - axis.bottom;
    return [(row.top - axis.bottom) / height, (row.bottom - axis.bottom) / height] as const;
  });
}

test('the chosen span is within sight: by its address, by keyboard, by next and previous match, by next error', async () => {
  const context = await browser.newContext({ viewport: { width: 1280, height: 700 } });
  const { page, troubles } = await watch(context);
  const inSight = async (): Promise<void> => {
    const [top, bottom] = await placeOfChosen(page);
    // Half a pixel of rounding.
    expect(top).toBeGreaterThanOrEqual(-0.002);
    expect(bottom).toBeLessThanOrEqual(1.002);
  };
  const chosenIs = (at: number): Promise<void> =>
    page.waitForURL(({ searchParams }) => searchParams.get('span') === idOf(`long ${at}`, 16));
  for (const at of [0, 200, count - 1]) {
    await visit(page, `${trace('long')}?unfold=1&span=${idOf(`long ${at}`, 16)}`);
    await inSight();
  }
  // Up from the last one, beyond the first row that is seen.
  for (let step = 1; step <= 30; step += 1) {
    await page.keyboard.press('k');
    await chosenIs(count - 1 - step);
  }
  await inSight();
  await page.keyboard.press('Home');
  await chosenIs(0);
  await inSight();
  await page.keyboard.press('End');
  await chosenIs(count - 1);
  await inSight();
  for (let step = 1; step <= 30; step += 1) await page.keyboard.press('ArrowUp');
  await chosenIs(count - 31);
  await inSight();
  await page.keyboard.press('/');
  await page.keyboard.type('rare');
  await page.getByText(/of 8 matches|8 matches/).waitFor();
  await page.keyboard.press('Escape');
  const matches = [7, 57, 107, 157, 207, 257, 307, 357];
  await page.keyboard.press('n');
  for (const at of matches) {
    await chosenIs(at);
    await inSight();
    await page.keyboard.press('n');
  }
  await chosenIs(7);
  await page.keyboard.press('N');
  await chosenIs(357);
  await inSight();
  await page.keyboard.press('e');
  await chosenIs(390);
  await inSight();
  expect(troubles).toEqual([]);
  await context.close();
});

test('a trace that is open grows with its run, and waits while the page is paused', async () => {
  const of = {
    'gen_ai.operation.name': 'invoke_agent',
    'task.id': 'growing',
    'agent.id': 'grower',
  };
  const grow = (at: number): Promise<void> =>
    server.send([
      otlpSpan({
        ...{ id: `grown ${at}`, trace: 'growing', name: `grown ${at}`, at, millis: 1 },
        parent: at === 0 ? undefined : 'grown 0',
        attributes: at === 0 ? of : { 'gen_ai.operation.name': 'chat', 'task.id': 'growing' },
      }),
    ]);
  await grow(0);
  const { page, troubles } = await watch(await browser.newContext());
  await visit(page, trace('growing'));
  await page.getByRole('button', { name: 'Live' }).waitFor();
  // The first look at the store only says from where changes count; how soon it is over nobody knows.
  const rows = page.locator('[role=rowgroup] > [role=row]');
  let last = 0;
  for (; last < 40 && (await rows.count()) < 2;) {
    last += 1;
    await grow(last);
    await page.waitForTimeout(2_000);
  }
  await page.getByText('grown 1', { exact: true }).waitFor();
  await page.keyboard.press('.');
  await page.getByRole('button', { name: 'Paused' }).waitFor();
  await grow(99);
  await page.getByRole('button', { name: /change.* waiting/ }).click();
  await page.getByText('grown 99', { exact: true }).waitFor();
  expect(troubles).toEqual([]);
  await page.context().close();
});

test('an attribute of 5 MB, of which a megabyte is kept: its beginning and its size, more of it when it is asked for; names of 10 kB', async () => {
  const long = `${'name '.repeat(1_999)}end`;
  const body = `begin ${'x'.repeat(5_000_000)} end`;
  await server.send([
    otlpSpan({
      ...{ id: 'heavy', trace: 'heavy', name: long, at: 0, millis: 10 },
      attributes: { 'gen_ai.operation.name': 'chat', 'input.value': body, 'task.id': 'heavy task' },
    }),
  ]);
  const { page, troubles } = await watch(
    await browser.newContext({ viewport: { width: 1280, height: 800 } }),
  );
  const answers: number[] = [];
  page.on('response', (response) => {
    if (response.url().includes('/api/v1/'))
      void response.body().then(
        ({ length }) => answers.push(length),
        () => undefined,
      );
  });
  await visit(page, `${trace('heavy')}?span=${idOf('heavy', 16)}`);
  await page.waitForTimeout(500);
  // The picture of the trace needs no body.
  expect(Math.max(...answers)).toBeLessThan(100_000);
  await page.getByRole('tab', { name: 'Messages' }).click();
  await page.getByRole('button', { name: /^Show more of \d\.\d+ MB$/ }).waitFor();
  await page.getByRole('tab', { name: 'Attributes' }).click();
  await page.getByRole('button', { name: /^Show more of \d\.\d+ MB$/ }).click();
  await settle(page);
  const texts = await page.locator('aside').first().innerText();
  expect(texts.length).toBeGreaterThan(60_000);
  expect(texts).toContain('1 of what was sent is not here, or cut');
  expect(texts).toContain('Cut: 5.00 MB were sent, this is the beginning.');
  expect(texts.length).toBeLessThan(200_000);
  for (const path of ['/traces', '/tasks', '/tasks/heavy%20task', `/traces/${idOf('heavy', 32)}`]) {
    await visit(page, server.url + path);
    const seen = await page.evaluate(() => {
      const heading = document.querySelector('h1')!.getBoundingClientRect();
      const { scrollWidth } = document.documentElement;
      return { over: scrollWidth - window.innerWidth, heading: heading.height };
    });
    expect(seen.over).toBeLessThanOrEqual(0);
    expect(seen.heading).toBeLessThan(140);
  }
  expect(troubles).toEqual([]);
  await page.context().close();
});
