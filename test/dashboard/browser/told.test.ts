import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import type { PageJson, PatternPageJson, TaskJson } from '../../../src/wire';
import { dataDir } from '../../support/data-dir';
import {
  keepScreenshot,
  launch,
  settle,
  TestServer,
  violationsOf,
  visit,
  watch,
} from './open-dashboard';
import { idOf, otlpSpan } from './otlp-span';

// What the pages say, held against what was sent.

const server = new TestServer();
let browser: Browser;

const dayMillis = 86_400_000;

interface MadeRun {
  readonly name: string;
  readonly task: string;
  /** Milliseconds after the common start. */
  readonly at: number;
  readonly tools: readonly string[];
  readonly reward: number;
  readonly effort: string;
  readonly agent?: string;
}

function spansOf({ name, task, at, tools, effort, agent = 'teller' }: MadeRun): object[] {
  const ids = { 'agent.id': agent, 'task.id': task, 'execution.id': name, 'session.id': 'telling' };
  return [
    otlpSpan({
      ...{ id: name, trace: name, name: 'agent', at, millis: 100 * (tools.length + 1) },
      attributes: {
        ...ids,
        'gen_ai.operation.name': 'invoke_agent',
        'agent.config': JSON.stringify({ effort }),
        'evolution.tags': 'told',
      },
      links: name === 'b' ? [{ trace: 'a', id: 'a' }] : [],
    }),
    ...tools.map((tool, position) =>
      otlpSpan({
        ...{ id: `${name} ${position}`, trace: name, name: tool, parent: name },
        ...{ at: at + 100 * position, millis: 90 },
        attributes: {
          ...ids,
          'gen_ai.operation.name': 'execute_tool',
          'gen_ai.tool.name': tool,
        },
      }),
    ),
  ];
}

const runs: readonly MadeRun[] = [
  { name: 'a', task: 'one', at: 0, tools: ['read', 'write'], reward: 1, effort: 'high' },
  {
    name: 'b',
    task: 'one',
    at: 2_000,
    tools: ['read', 'guess', 'write'],
    reward: 0,
    effort: 'low',
  },
];

beforeAll(async () => {
  browser = await launch();
  if (existsSync(dataDir)) {
    const folder = join(dataDir, 'exgentic-otlp', 'recorded');
    const recorded = ['aime-0-claude-code', 'aime-0-codex', 'bigcodebench-0-claude-code'];
    const files = recorded.map((name) => join(folder, `${name}.traces.jsonl.gz`));
    await server.run('import', ...files);
  }
  await server.start();
  await server.send(runs.flatMap(spansOf));
  for (const { name, reward } of runs) {
    await server.post('/rewards', { execution_id: name, value: reward, evaluator: 'the judge' });
  }
});

afterAll(async () => {
  await browser?.close();
  await server.remove();
});

async function open(
  width = 1440,
): Promise<{ readonly page: Page; readonly end: () => Promise<void> }> {
  const context = await browser.newContext({
    viewport: { width, height: 900 },
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  const { page, troubles } = await watch(context);
  const end = async (): Promise<void> => {
    await context.close();
    expect(troubles).toEqual([]);
  };
  return { page, end };
}

test('two runs compared: where they part, and the differences of figures and settings', async () => {
  const { page, end } = await open();
  await visit(page, `${server.url}/tasks/one`);
  await page.getByText('teller · attempt 1').first().waitFor();
  await page.getByLabel('Choose a').click();
  await page.getByLabel('Choose b').click();
  await page.waitForURL('**/tasks/one?a=a&b=b');
  const compare = page.getByRole('button', { name: 'Compare the two chosen' });
  const isChosen = (id: string): Promise<boolean> => page.getByLabel(`Choose ${id}`).isChecked();
  await page.reload();
  await settle(page);
  expect([await isChosen('a'), await isChosen('b')]).toEqual([true, true]);
  await compare.click();
  await page.waitForURL('**/compare?a=a&b=b');
  await page.goBack();
  await compare.waitFor();
  expect([await isChosen('a'), await isChosen('b')]).toEqual([true, true]);
  await compare.click();
  await page.getByText('They part at step 2: only B did guess.').waitFor();
  const figures = page.getByRole('region', { name: 'Figures of both runs' });
  const row = async (name: string): Promise<readonly string[]> =>
    figures
      .getByRole('row')
      .filter({ has: page.getByRole('cell', { name, exact: true }) })
      .getByRole('cell')
      .allInnerTexts();
  expect(await row('Duration')).toEqual(['Duration', '300 ms', '400 ms', '+100 ms']);
  expect(await row('Tool calls')).toEqual(['Tool calls', '2', '3', '+1']);
  expect(await row('reward')).toEqual(['reward', '1.00', '0.00', '−1.00']);
  expect(await row('effort')).toEqual(['effort', '"high"', '"low"', 'differs']);
  await end();
});

test('a task tells its rewards, who gave them and what replaced them, and how its spans link', async () => {
  const { page, end } = await open();
  const superseded = await fetch(`${server.url}/api/v1/rewards`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ task_id: 'one', value: 0.2, evaluator: 'the first judge' }),
  });
  const { id } = (await superseded.json()) as { readonly id: string };
  await server.post('/rewards', { task_id: 'one', value: 0.7, source: 'human', supersedes: id });
  await visit(page, `${server.url}/tasks/one`);
  await page.getByText('the first judge').waitFor();
  await page.getByText('replaced by a later one').waitFor();
  const links = page.getByRole('region', { name: 'Links of its spans' });
  await links.getByRole('link', { name: new RegExp(idOf('b', 16)) }).waitFor();
  expect(await violationsOf(page, 'task')).toEqual([]);
  await links.getByRole('link', { name: new RegExp(idOf('a', 16)) }).click();
  await page.waitForURL(({ pathname }) => pathname === `/traces/${idOf('a', 32)}`);
  await page.getByRole('tab', { name: 'Links' }).click();
  // The other end knows of it as well.
  await page.locator(`aside a[href*="${idOf('b', 32)}"]`).waitFor();
  await visit(page, `${server.url}/sessions/telling`);
  await page.getByText('replaced by a later one').waitFor();
  expect(await violationsOf(page, 'session')).toEqual([]);
  await end();
});

test('what is copied is the id, the link, the request and the command; y copies the view', async () => {
  const { page, end } = await open();
  const address = `${server.url}/traces/${idOf('a', 32)}?span=${idOf('a', 16)}`;
  await visit(page, address);
  const panel = page.locator('aside').first();
  const copied = async (name: string): Promise<string> => {
    await panel.getByRole('button', { name, exact: true }).click();
    await panel
      .getByRole('button', { name: /[Cc]opied/ })
      .first()
      .waitFor();
    return page.evaluate(() => navigator.clipboard.readText());
  };
  expect(await copied('Copy span id')).toBe(idOf('a', 16));
  expect(await copied('Link')).toBe(address);
  const span = `${idOf('a', 32)}:${idOf('a', 16)}`;
  const curl = await copied('curl');
  expect(curl).toBe(`curl ${server.url}/api/v1/spans/${span}`);
  expect((await fetch(curl.replace('curl ', ''))).status).toBe(200);
  expect(await copied('CLI')).toBe(`npx otel-evolution spans show ${span}`);
  await page.keyboard.press('3');
  await page.waitForURL(/view=aggregated/);
  await page.keyboard.press('y');
  await page.getByText('The link to this view is copied').waitFor();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(page.url());
  await end();
});

test('copying without a clipboard of the browser, on a page of plain HTTP, keeps the focus', async () => {
  const { page, end } = await open();
  // No address of this machine is plain HTTP to a browser, so that one is made up.
  await page.route('http://plain.test/**', async (route) => {
    const { pathname, search } = new URL(route.request().url());
    if (pathname === '/api/v1/events') return route.abort();
    return route.fulfill({ response: await route.fetch({ url: server.url + pathname + search }) });
  });
  await page.goto(`http://plain.test/traces/${idOf('a', 32)}?span=${idOf('a', 16)}`);
  expect(await page.evaluate(() => [window.isSecureContext, 'clipboard' in navigator])).toEqual([
    false,
    false,
  ]);
  const copy = page
    .locator('aside')
    .first()
    .getByRole('button', { name: 'Copy span id', exact: true });
  await copy.focus();
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'span id: copied' }).and(page.locator(':focus')).waitFor();
  const reader = await page.context().newPage();
  await reader.goto(server.url);
  await reader.bringToFront();
  expect(await reader.evaluate(() => navigator.clipboard.readText())).toBe(idOf('a', 16));
  await page.context().close();
  void end;
});

test('Why says where a run left its successful siblings', async () => {
  const { page, end } = await open();
  await server.run('learn');
  await visit(page, `${server.url}/traces/${idOf('b', 32)}?span=${idOf('b', 16)}&tab=why`);
  await page.getByText('What they did instead').waitFor();
  await page.getByText(/^write: 100 %$/).waitFor();
  await page.getByRole('button', { name: 'Show the step: guess' }).click();
  await page.waitForURL(({ searchParams }) => searchParams.get('span') === idOf('b 1', 16));
  await end();
});

test('every value of a list filters by a click: tags, tasks, the rows of the timeline', async () => {
  const { page, end } = await open(1600);
  const filtered = async (path: string, value: string, search: RegExp): Promise<void> => {
    await visit(page, server.url + path);
    await page.getByTitle(`${value}: click to filter`, { exact: false }).first().click();
    await page.waitForURL(search);
    await page.getByRole('button', { name: /^Remove the filter/ }).waitFor();
  };
  await filtered('/tasks', 'told', /\/tasks\?tags=told/);
  await filtered('/tasks', 'telling', /\/tasks\?session_id=telling/);
  await filtered('/traces', 'one', /\/traces\?task_id=one/);
  await filtered('/tasks?view=timeline', 'teller', /view=timeline&agent_id=teller|agent_id=teller/);
  await filtered('/tasks?view=timeline&rows=task', 'one', /task_id=one/);
  await end();
});

test('loading, refused and unknown are three states, each with what to do', async () => {
  const { page } = await open();
  let release = (): void => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  await page.route('**/api/v1/tasks?*', async (route) => {
    await held;
    await route.continue();
  });
  await page.goto(`${server.url}/tasks`);
  await page.getByRole('status', { name: 'Loading' }).waitFor();
  release();
  await page.getByRole('table', { name: 'Tasks' }).waitFor();
  await page.unroute('**/api/v1/tasks?*');
  await visit(page, `${server.url}/tasks?start_time=yesterday`);
  await page
    .getByRole('alert')
    .getByText(/400 · /)
    .waitFor();
  await page.getByRole('button', { name: 'Try again' }).waitFor();
  await visit(page, `${server.url}/findings/nothing`);
  await page.getByText(/404 · not_found/).waitFor();
  await visit(page, `${server.url}/tasks?agent_id=nobody`);
  await page.getByText('Nothing matches this filter').waitFor();
  await page.getByRole('button', { name: 'Clear the filter' }).click();
  await page.getByRole('table', { name: 'Tasks' }).waitFor();
  await page.context().close();
});

test('times in UTC are the times that were sent', async () => {
  const { page, end } = await open();
  await visit(page, `${server.url}/traces?task_id=one`);
  await page.keyboard.press('g');
  await page.keyboard.press('z');
  await page.getByText('21 Sept 2026, 14:13:20 UTC').waitFor();
  await end();
});

test('home sets each figure against the period before; 500 agents are told without all of them drawn', async () => {
  const crowd = new TestServer();
  try {
    await crowd.start();
    const now = Date.now() - Number(1_790_000_000_000n);
    const made = (name: string, at: number, reward: number, agent: string): MadeRun => ({
      ...{ name, task: name, at: Math.round(at), tools: ['read'], reward, effort: 'low', agent },
    });
    const before = Array.from({ length: 4 }, (_, n) =>
      made(`before ${n}`, now - 9 * dayMillis + n, n % 2, 'agent 7'),
    );
    const latest = Array.from({ length: 8 }, (_, n) =>
      made(`latest ${n}`, now - 2 * dayMillis + n, n < 6 ? 1 : 0, 'agent 7'),
    );
    const others = Array.from({ length: 500 }, (_, n) =>
      made(`of ${n}`, now - 2 * dayMillis + n, 1, `agent ${n}`),
    );
    const all = [...before, ...latest, ...others];
    for (let from = 0; from < all.length; from += 100) {
      await crowd.send(all.slice(from, from + 100).flatMap(spansOf));
    }
    for (const { name, reward } of [...before, ...latest]) {
      await crowd.post('/rewards', { execution_id: name, value: reward });
    }
    const { page, end } = await open();
    await visit(page, `${crowd.url}/?days=7`);
    const card = page
      .locator('article')
      .filter({ has: page.getByRole('heading', { name: 'agent 7', exact: true }) });
    await card
      .getByText('succeeded in 75 % of 9 runs')
      .or(card.getByText(/succeeded in 75 %/))
      .first()
      .waitFor();
    await card.getByText('+25.0 pp').waitFor();
    await card.getByText('75 % of the 8 judged of 9 runs').waitFor();
    await card
      .locator('dl > div')
      .filter({ hasText: /^Without reward1/ })
      .waitFor();
    await page.getByText('No run of 499 agents has a reward, agent 0, agent 1, agent 10').waitFor();
    await page.getByText(/more agents that ran less/).waitFor();
    expect(await page.locator('article').count()).toBe(12);
    await keepScreenshot(page, 'home, 500 agents');
    await visit(page, `${crowd.url}/series?group_by=agent_id`);
    await page.getByText(/others? in the table/).waitFor();
    const closed = await page.locator('tr').count();
    await page.getByText('The numbers').click();
    await page.getByRole('button', { name: /^Show 200 more of/ }).waitFor();
    expect(closed).toBe(0);
    expect(await page.locator('tr').count()).toBe(201);
    await visit(page, `${crowd.url}/tasks?view=timeline`);
    await page.getByRole('region', { name: 'Timeline of runs' }).waitFor();
    const { items } = await crowd.get<PageJson<TaskJson>>('/tasks?limit=1000');
    expect(items).toHaveLength(512);
    await end();
  } finally {
    await crowd.remove();
  }
});

test('findings: a factor plot in each line, the review beside them, and runs for and against', async () => {
  const learned = new TestServer();
  try {
    await learned.run('demo', '--executions', '300');
    await learned.start();
    const { patterns } = await learned.get<PatternPageJson>('/patterns?limit=50');
    expect(patterns.length).toBeGreaterThan(0);
    const { page, end } = await open();
    await visit(page, `${learned.url}/findings`);
    const plots = page
      .getByRole('table', { name: 'Findings' })
      .getByRole('img', { name: /^Mean / });
    expect(await plots.count()).toBe(patterns.length);
    await page.getByRole('heading', { name: 'Looked like a pattern, and is none' }).waitFor();
    await page.getByRole('heading', { name: 'Not known yet' }).waitFor();
    await page
      .getByText(/more runs?$/)
      .first()
      .waitFor();
    await page.getByRole('table', { name: 'Findings' }).getByRole('link').first().click();
    await page.waitForURL(/\/findings\/[0-9a-f]+$/);
    const against = page.getByRole('heading', { name: 'Runs that speak against it' });
    await against.waitFor();
    await page
      .getByText('Robust to leaving out')
      .or(page.getByText('Held fixed'))
      .first()
      .waitFor();
    const [first] = await page.locator('a.mono[href*="span="]').all();
    await first!.click();
    await page.waitForURL(/\/traces\/[0-9a-f]{32}\?span=/);
    await page.locator('[role=row][aria-selected=true]').waitFor();
    await end();
  } finally {
    await learned.remove();
  }
});

test('the runs of the plane are there to read, and those in a box', async () => {
  const { page, end } = await open();
  await visit(page, `${server.url}/differences`);
  await page.getByText(/^As a table: \d+ runs/).click();
  const table = page.getByRole('region', { name: 'Runs by start and duration' });
  await table.getByRole('link', { name: 'a', exact: true }).waitFor();
  await end();
});
