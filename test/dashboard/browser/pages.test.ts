import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { commands, pages as entries } from '../../../src/dashboard/commands/command-table';
import type {
  ExecutionJson,
  PageJson,
  PatternJson,
  PatternPageJson,
  TaskJson,
  TraceSummaryJson,
} from '../../../src/wire';
import { dataDir } from '../../support/data-dir';
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

// Every page on real runs of agents, in both themes.

const hasData = existsSync(dataDir);
const server = new TestServer();
let browser: Browser;
let addresses: Record<string, string> = {};
let trace = '';

beforeAll(async () => {
  browser = await launch();
  await server.run('demo', '--executions', '40');
  if (hasData) {
    const folder = join(dataDir, 'tau2-bench');
    const files = readdirSync(folder).filter((name) => /^a.*\.json\.gz$/.test(name));
    await server.run('import', ...files.map((name) => join(folder, name)));
    for (const other of ['exgentic-otlp/recorded', 'langfuse-framework-traces']) {
      const agents = readdirSync(join(dataDir, other)).filter((name) => name.endsWith('.gz'));
      // What is refused of them is told, and ends with another code.
      await server
        .run('import', ...agents.map((name) => join(dataDir, other, name)))
        .catch(() => undefined);
    }
  }
  await server.run('learn');
  await server.start();
  addresses = await findAddresses();
});

afterAll(async () => {
  await browser?.close();
  await server.remove();
});

async function findAddresses(): Promise<Record<string, string>> {
  const { items: traces } = await server.get<PageJson<TraceSummaryJson>>('/traces?limit=200');
  const failed = traces.find(({ errors }) => errors > 0) ?? traces[0]!;
  trace = `/traces/${failed.trace_id}`;
  const { items: runs } = await server.get<PageJson<ExecutionJson>>('/executions?limit=200');
  const { patterns } = await server.get<PatternPageJson>('/patterns?limit=1');
  const task = encodeURIComponent(runs[0]!.task_id);
  const { items: tasks } = await server.get<PageJson<TaskJson>>('/tasks?limit=1000');
  const session = tasks.find(({ session_id: id }) => id !== null)?.session_id ?? null;
  const gateway = tasks.find(
    ({ agent_id: id }) => id !== null && /claude|bifrost|gateway/.test(id),
  );
  return {
    home: '/',
    'home, a week': '/?days=7',
    tasks: '/tasks',
    timeline: '/tasks?view=timeline',
    task: `/tasks/${task}`,
    run: `/executions/${encodeURIComponent(runs[0]!.id)}`,
    ...(session === null ? {} : { session: `/sessions/${encodeURIComponent(session)}` }),
    ...(gateway === undefined
      ? {}
      : { 'coding agent': `/traces?agent_id=${encodeURIComponent(gateway.agent_id!)}` }),
    traces: '/traces',
    'nothing matches': '/traces?agent_id=nobody',
    waterfall: `${trace}?critical=1&idle=1`,
    flame: `${trace}?view=flame`,
    aggregated: `${trace}?view=aggregated`,
    findings: '/findings',
    ...(patterns[0] === undefined ? {} : { finding: `/findings/${patterns[0].id}` }),
    differences: '/differences',
    compare: `/compare?a=${runs[0]!.id}&b=${runs[1]!.id}`,
    metrics: '/series',
    'metrics by agent': '/series?group_by=agent_id&bucket=hour',
    health: '/health',
    'not found': '/no/such/page',
  };
}

test('the runs are real', () => {
  if (!hasData) {
    process.stderr.write(`NOT RUN on tau2-bench, ${dataDir} is absent: the demo's runs alone.\n`);
  }
  expect(Object.keys(addresses).length).toBeGreaterThan(12);
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
      if (name === 'waterfall') await page.keyboard.press('j');
      faults.push(...(await violationsOf(page, name)));
      await keepScreenshot(page, `${name}.${scheme}`);
    }
    await context.close();
    expect(faults).toEqual([]);
    expect(troubles).toEqual([]);
  },
  900_000,
);

test('a finding is marked on its page, and a point of the metrics leads to its runs', async () => {
  const { patterns } = await server.get<PatternPageJson>('/patterns?limit=1');
  const { page, troubles } = await watch(await browser.newContext());
  if (patterns[0] !== undefined) {
    await visit(page, `${server.url}/findings/${patterns[0].id}`);
    const { explanation } = await server.get<PatternJson>(`/patterns/${patterns[0].id}`);
    const elsewhere = page.getByRole('region', { name: 'Effect in the other dimensions' });
    for (const { dimension } of explanation.elsewhere) {
      await elsewhere.getByRole('cell', { name: dimension, exact: true }).waitFor();
    }
    await page.getByLabel('Why', { exact: true }).fill('seen by the test');
    await page.getByRole('button', { name: 'Mark', exact: true }).click();
    await page.getByText('seen by the test').waitFor();
    const marked = await server.get<PatternJson>(`/patterns/${patterns[0].id}`);
    expect(marked.life).toMatchObject({ state: 'acknowledged', why: 'seen by the test' });
  }
  await visit(page, `${server.url}/series`);
  await page
    .getByRole('link', { name: /its runs$/ })
    .first()
    .focus();
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/traces\?.*start_time=/);
  await page.getByRole('table', { name: 'Traces' }).waitFor();
  expect(troubles).toEqual([]);
  await page.context().close();
});

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

test.each([400, 1280])(
  '%i pixels wide: no label of an axis stands on another, no status is cut off',
  async (width) => {
    const context = await browser.newContext({ viewport: { width, height: 900 } });
    const { page } = await watch(context);
    const faults: string[] = [];
    for (const name of ['timeline', 'waterfall', 'findings', 'metrics']) {
      await visit(page, server.url + addresses[name]);
      const found = await page.evaluate(() => {
        const boxesOf = (selector: string) =>
          [...document.querySelectorAll(selector)].map((one) => ({
            text: one.textContent,
            box: one.getBoundingClientRect(),
            parent: one.parentElement!,
          }));
        const labels = [
          ...boxesOf('[class*=axis] span[style*=left]'),
          ...boxesOf('[class*=chart] svg > text, [class*=scatter] svg > text'),
        ];
        const over = labels.flatMap(({ text, box, parent }) =>
          labels
            .filter((other) => other.parent === parent && other.box.left > box.left)
            .filter((other) => other.box.left < box.right && other.box.top < box.bottom - 2)
            .filter((other) => other.box.bottom > box.top + 2)
            .map((other) => `${text} under ${other.text}`),
        );
        const cut = [...document.querySelectorAll('[role=table] [class*=Badge-label]')]
          .filter((badge) => badge.scrollWidth > badge.clientWidth)
          .map((badge) => `${badge.textContent} is cut off`);
        const circles = boxesOf('[class*=scatter] circle');
        const covered = boxesOf('[class*=scatter] svg > text').filter(({ box }) =>
          circles.some(
            ({ box: on }) =>
              on.left < box.right &&
              on.right > box.left &&
              on.top < box.bottom &&
              on.bottom > box.top,
          ),
        );
        return [...over, ...cut, ...covered.map(({ text }) => `${text} is covered`)];
      });
      faults.push(...found.map((fault) => `${name}: ${fault}`));
    }
    await context.close();
    expect(faults).toEqual([]);
  },
);

test('every page of the navigation is reached by its keys, and help lists them', async () => {
  const { page, troubles } = await watch(await browser.newContext());
  await visit(page, `${server.url}/health`);
  for (const { path, key } of entries) {
    await page.keyboard.press('g');
    await page.keyboard.press(key);
    await page.waitForURL((url) => url.pathname === path);
    await settle(page);
  }
  await page.keyboard.press('?');
  const help = page.getByRole('dialog');
  await help.getByText('Find a command').waitFor();
  await page.keyboard.press('Escape');
  await help.waitFor({ state: 'hidden' });
  await page.keyboard.press('Control+k');
  await page.getByPlaceholder('A command, or a trace id').fill('findings');
  await page.keyboard.press('Enter');
  await page.waitForURL('**/findings');
  await page.getByRole('dialog').waitFor({ state: 'hidden' });
  await page.keyboard.press('.');
  await page.getByRole('button', { name: 'Paused' }).waitFor();
  await page.keyboard.press('g');
  await page.keyboard.press('z');
  await page.getByRole('button', { name: /Times in UTC/ }).waitFor();
  await page.keyboard.press('g');
  await page.keyboard.press('d');
  await page.getByRole('button', { name: /^Light theme/ }).waitFor();
  expect(troubles).toEqual([]);
  await page.context().close();
});

test('a trace by keyboard alone; its state is in the address and outlives a reload', async () => {
  const { page, troubles } = await watch(await browser.newContext());
  await visit(page, server.url + trace);
  const param = (name: string) => new URL(page.url()).searchParams.get(name);
  const pressed = new Set<string>();
  const tap = async (key: string): Promise<void> => {
    pressed.add(key);
    await page.keyboard.press(key);
  };
  const press = async (key: string, name: string, expected: (value: string | null) => boolean) => {
    await tap(key);
    await page.waitForURL((url) => expected(url.searchParams.get(name)), { timeout: 60_000 });
  };
  const set = (value: string | null) => value !== null;
  const unset = (value: string | null) => value === null;
  await press('j', 'span', set);
  const first = param('span');
  await press('j', 'span', (value) => value !== first);
  await press('k', 'span', (value) => value === first);
  await press('ArrowDown', 'span', (value) => value !== first);
  await press('ArrowUp', 'span', (value) => value === first);
  await press('End', 'span', (value) => value !== first);
  await press('Home', 'span', (value) => value === first);
  await press('ArrowLeft', 'closed', (value) => value === first);
  await press('ArrowRight', 'closed', unset);
  await press('ArrowRight', 'span', (value) => value !== first);
  await press('ArrowLeft', 'span', (value) => value === first);
  await press('ArrowLeft', 'closed', (value) => value === first);
  // Closes the others as well, and opens none that was closed.
  await tap(']');
  await press('e', 'span', (value) => value !== first);
  expect(param('closed')?.split(',')).toContain(first);
  await press('[', 'unfold', set);
  expect(param('closed')).toBeNull();
  await press('Home', 'span', (value) => value === first);
  await press('r', 'unfold', unset);
  await press('c', 'critical', set);
  await press('i', 'idle', set);
  await press('j', 'span', (value) => value !== first);
  await press('z', 't1', set);
  await press('0', 't1', unset);
  await press('w', 't1', set);
  const window = param('t0');
  await press('d', 't0', (value) => value !== window);
  const moved = param('t0');
  await press('a', 't0', (value) => value !== moved);
  await tap('s');
  await press('s', 't1', unset);
  await press('2', 'view', (value) => value === 'flame');
  await press('3', 'view', (value) => value === 'aggregated');
  await press('1', 'view', unset);
  await press('+', 't1', set);
  await tap('-');
  await press('-', 't1', unset);
  await press('f', 'focus', set);
  await press('f', 'focus', unset);
  await tap('/');
  await page.keyboard.type('execute');
  await page.waitForURL((url) => url.searchParams.get('q') === 'execute');
  await tap('Escape');
  const before = param('span');
  await press('n', 'span', (value) => value !== before);
  const match = param('span');
  await press('N', 'span', (value) => value !== match);
  const address = page.url();
  await page.reload();
  await settle(page);
  expect(page.url()).toBe(address);
  expect(await page.getByRole('textbox', { name: 'Search spans' }).inputValue()).toBe('execute');
  await page.locator('aside').first().waitFor();
  await press('Escape', 'span', unset);
  await press('Escape', 'q', unset);
  const never = commands.filter(
    ({ scope, keys }) => scope === 'trace' && !keys.some((key) => pressed.has(key)),
  );
  expect(never).toEqual([]);
  expect(troubles).toEqual([]);
  await page.context().close();
});

test('lists: rows by keyboard, filter by a click, back and forward', async () => {
  const { page, troubles } = await watch(await browser.newContext());
  await visit(page, `${server.url}/traces`);
  await page
    .getByTitle(/click to filter/)
    .first()
    .click();
  await page.waitForURL('**/traces?agent_id=*');
  const filtered = page.url();
  await page.getByRole('button', { name: 'Remove the filter Agent' }).waitFor();
  await settle(page);
  await page.keyboard.press('j');
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/traces\/[0-9a-f]{32}/);
  await page.goBack();
  await page.waitForURL(filtered);
  await page.getByRole('button', { name: 'Remove the filter Agent' }).click();
  await page.waitForURL(`${server.url}/traces`);
  await page.goBack();
  await page.waitForURL(filtered);
  await page.goForward();
  await page.waitForURL(`${server.url}/traces`);
  expect(troubles).toEqual([]);
  await page.context().close();
});
