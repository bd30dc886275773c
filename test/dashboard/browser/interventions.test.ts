import type { Browser } from 'playwright-core';
import { makeInterventions } from './make-interventions';
import {
  keepScreenshot,
  launch,
  overflowOf,
  settle,
  TestServer,
  violationsOf,
  visit,
  watch,
} from './open-dashboard';

// Experiments and adaptations, made through the library and decided by spans.

const server = new TestServer();
let browser: Browser;
let ids: Record<string, string> = {};
let addresses: Record<string, string> = {};

beforeAll(async () => {
  browser = await launch();
  ids = await makeInterventions(server.databaseUrl);
  await server.start();
  addresses = {
    experiments: '/experiments',
    shipped: `/experiments/${ids['A longer plan']}`,
    running: `/experiments/${ids['Two tones']}`,
    'sample ratio': `/experiments/${ids['A lossy rollout']}`,
    'guardrail harmed': `/experiments/${ids['Slower answers']}`,
    'without units': `/experiments/${ids['Nobody came']}`,
    adaptations: '/adaptations',
    proposed: `/adaptations/${ids.proposed}`,
    rejected: `/adaptations/${ids.rejected}`,
    helps: `/adaptations/${ids.helps}`,
    harms: `/adaptations/${ids.harms}`,
    deactivated: `/adaptations/${ids.deactivated}`,
    saving: `/findings/${ids.saving}`,
    findings: '/findings',
  };
});

afterAll(async () => {
  await browser?.close();
  await server.remove();
});

test.each(['light', 'dark'] as const)(
  'every page in %s: no violation, no error',
  async (scheme) => {
    const context = await browser.newContext({
      colorScheme: scheme,
      viewport: { width: 1440, height: 900 },
    });
    const { page, troubles } = await watch(context);
    const faults: string[] = [];
    for (const [name, address] of Object.entries(addresses)) {
      await visit(page, server.url + address);
      faults.push(...(await violationsOf(page, name)));
      await keepScreenshot(page, `${name}.${scheme}`);
    }
    await context.close();
    expect(faults).toEqual([]);
    expect(troubles).toEqual([]);
  },
);

test.each([400, 800, 2560])('%i pixels wide: no page scrolls sideways', async (width) => {
  const context = await browser.newContext({ viewport: { width, height: 900 } });
  const { page } = await watch(context);
  const wide: string[] = [];
  for (const [name, address] of Object.entries(addresses)) {
    await visit(page, server.url + address);
    const over = await overflowOf(page);
    if (over > 0) wide.push(`${name}: ${over} pixels`);
    if (width === 400) await keepScreenshot(page, `${name}.400`);
  }
  await context.close();
  expect(wide).toEqual([]);
});

test('what the experiments came to is told in words', async () => {
  const { page, troubles } = await watch(await browser.newContext());
  const says = async (name: string, text: string | RegExp) => {
    await visit(page, server.url + addresses[name]!);
    await page.getByText(text).first().waitFor();
  };
  await says('shipped', /^Ship: long is better than control/);
  await says('running', /^Running: 160 units and no decision yet/);
  await says('sample ratio', /units did not arrive in the planned shares, short \d+ \(/);
  await says('guardrail harmed', 'Keep the control: long harms latency.');
  await says('helps', /^Rolling out, everywhere/);
  await says('harms', /^Rolled back, everywhere/);
  await says('saving', '−33.3 % (−35.2 to −31.4)');
  expect(troubles).toEqual([]);
  await page.context().close();
});

test('a point of confidence and size for every finding leads to its page, and each line has its factor plot', async () => {
  const { page, troubles } = await watch(await browser.newContext());
  await visit(page, server.url + addresses.findings!);
  const points = page
    .getByRole('group', { name: 'Confidence and size of each finding' })
    .getByRole('link');
  const lines = page.getByRole('table', { name: 'Findings' });
  const count = await points.count();
  expect(count).toBeGreaterThan(5);
  expect(await lines.getByRole('img', { name: /^Mean / }).count()).toBe(count);
  await points.first().focus();
  await page.keyboard.press('Enter');
  // Meanwhile the server may have learned of its own.
  await page.waitForURL(/\/findings\/[^/]+$/);
  await page.getByRole('heading', { name: 'With it, and without it' }).waitFor();
  expect(troubles).toEqual([]);
  await page.context().close();
});

test('how the lift came about is drawn with its band, and the numbers are there to read', async () => {
  const { page, troubles } = await watch(await browser.newContext());
  await visit(page, server.url + addresses.running!);
  const charts = page.getByRole('img', { name: /^Lift of (formal|warm) over 160 units: / });
  await charts.first().waitFor();
  expect(await charts.count()).toBe(2);
  const band = await charts.first().locator('polygon').getAttribute('points');
  const line = await charts.first().locator('polyline').getAttribute('points');
  // Above and below each point of the line.
  expect(band!.split(' ')).toHaveLength(2 * line!.split(' ').length);
  await page.getByText('The numbers').first().click();
  const table = page.getByRole('region', { name: 'Lift of formal while units came' });
  await table.getByRole('row').last().getByText('160').waitFor();
  await visit(page, server.url + addresses['without units']!);
  await page.getByText('How it is assigned').waitFor();
  expect(await page.getByRole('img', { name: /^Lift of/ }).count()).toBe(0);
  expect(troubles).toEqual([]);
  await page.context().close();
});

test('steps by keyboard alone: a list, a page, a reason, and the audit says who', async () => {
  const { page, troubles } = await watch(await browser.newContext());
  await visit(page, server.url + addresses.proposed!);
  await page.getByRole('button', { name: 'Approve' }).focus();
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').getByText('It may be rolled out from then on.').waitFor();
  expect(await violationsOf(page, 'dialog')).toEqual([]);
  await page.getByRole('dialog').getByRole('button', { name: 'Approve' }).focus();
  await page.keyboard.press('Enter');
  await page.getByText(/^Approved, everywhere/).waitFor();
  await page.getByText('proposed → approved').waitFor();
  await page.getByRole('dialog').waitFor({ state: 'hidden' });

  await visit(page, `${server.url}/experiments`);
  await page.getByRole('link', { name: 'Two tones' }).focus();
  await page.keyboard.press('Enter');
  await page.waitForURL(`**/experiments/${ids['Two tones']}`);
  await settle(page);
  await page.getByRole('button', { name: 'Stop' }).focus();
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog');
  const confirm = dialog.getByRole('button', { name: 'Stop' });
  await confirm.waitFor();
  expect(await confirm.isDisabled()).toBe(true);
  await page.keyboard.type('Two were too many.');
  await confirm.focus();
  await page.keyboard.press('Enter');
  await page.getByText('Two were too many.').first().waitFor();
  await page.getByText('running → stopped').waitFor();
  expect(troubles).toEqual([]);
  await page.context().close();
});

test('a change goes to its first stage, the next one waits an hour, and undo takes it away', async () => {
  const { page, troubles } = await watch(await browser.newContext());
  await visit(page, server.url + `/adaptations/${ids.approved}`);
  const dialog = page.getByRole('dialog');
  const press = async (title: string): Promise<void> => {
    await page.getByRole('button', { name: title }).click();
    await dialog.getByRole('button', { name: title }).click();
  };
  await press('Roll out to 5 %');
  await page.getByText(/^Rolling out, everywhere/).waitFor();
  await dialog.waitFor({ state: 'hidden' });
  await press('Next stage');
  await dialog.getByText(/raised less than an hour ago/).waitFor();
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await page.getByRole('button', { name: 'Undo' }).click();
  await dialog.getByLabel('Why').fill('Not before the weekend.');
  await dialog.getByRole('button', { name: 'Undo' }).click();
  await page.getByText(/^Deactivated, everywhere/).waitFor();
  await page.getByText('Not before the weekend.').first().waitFor();
  // The refusal is an answer of the server, which the browser tells as well.
  expect(troubles.filter((text) => !text.includes('409'))).toEqual([]);
  await page.context().close();
});

test('an empty database says how the first experiment and adaptation come about', async () => {
  const empty = new TestServer();
  try {
    await empty.start();
    const { page, troubles } = await watch(await browser.newContext());
    await visit(page, `${empty.url}/experiments`);
    await page.getByText('No experiment yet').waitFor();
    await keepScreenshot(page, 'no experiment');
    await visit(page, `${empty.url}/adaptations`);
    await page.getByText('No adaptation yet').waitFor();
    expect(troubles).toEqual([]);
    await page.context().close();
  } finally {
    await empty.remove();
  }
});
