import { createHash } from 'node:crypto';
import type { Browser, Page } from 'playwright-core';
import type { IssuedTokenJson, TaskJson } from '../../../src/wire';
import {
  keepScreenshot,
  launch,
  settle,
  TestServer,
  violationsOf,
  visit,
  watch,
} from './open-dashboard';
import { otlpSpan } from './otlp-span';

// What is told of a span, a session, a selection of runs and the server itself, and what comes by itself.

const server = new TestServer({
  EVOLUTION_CAPTURE_CONTENT: 'true',
  EVOLUTION_RETENTION: '30d,2GB',
  EVOLUTION_EXTERNAL_LINKS:
    'Jaeger=http://jaeger.test/trace/{traceId}?uiFind={spanId} Logs=http://logs.test/?s={service}',
});
let browser: Browser;

const idOf = (text: string, digits: number): string =>
  createHash('sha256').update(text).digest('hex').slice(0, digits);

const start = 1_790_000_000_000_000_000n;

interface Call {
  readonly name: string;
  readonly run: number;
  readonly at: number;
  readonly attributes: Readonly<Record<string, string>>;
  readonly failed?: boolean;
}

/** Milliseconds after the start of the run; runs are a second apart and longer each time. */
function toSpan({ name, run, at, attributes, failed }: Call, parent: string | null): object {
  const begin = start + BigInt(run) * 1_000_000_000n + BigInt(at) * 1_000_000n;
  const end = begin + (parent === null ? BigInt(run + 1) * 10_000_000n : 1_000_000n);
  const all = {
    ...attributes,
    'agent.id': 'inspector',
    'task.id': `task-${run}`,
    'execution.id': `run-${run}`,
    'session.id': 'session one',
  };
  return {
    traceId: idOf(`trace ${run}`, 32),
    spanId: idOf(`${run} ${name} ${at}`, 16),
    ...(parent === null ? {} : { parentSpanId: parent }),
    name,
    startTimeUnixNano: String(begin),
    endTimeUnixNano: String(end),
    attributes: Object.entries(all).map(([key, stringValue]) => ({ key, value: { stringValue } })),
    status: failed ? { code: 2, message: 'no' } : {},
  };
}

function spansOf(run: number, ofRoot: Call['attributes'] = {}): object[] {
  const root = idOf(`${run} agent 0`, 16);
  const messages = JSON.stringify([{ role: 'user', parts: [{ content: '# Plan\n- **one**' }] }]);
  const chat = { 'gen_ai.operation.name': 'chat', 'gen_ai.input.messages': messages };
  const tool = { 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': 'search' };
  const again = { ...tool, 'gen_ai.tool.call.arguments': '{"q":1}' };
  const agent = { 'gen_ai.operation.name': 'invoke_agent', ...ofRoot };
  return [
    toSpan({ name: 'agent', run, at: 0, attributes: agent }, null),
    toSpan({ name: 'chat', run, at: 1, attributes: chat }, root),
    toSpan({ name: 'search', run, at: 3, attributes: again, failed: true }, root),
    toSpan({ name: 'search', run, at: 5, attributes: again }, root),
    toSpan({ name: 'search', run, at: 7, attributes: again }, root),
  ];
}

beforeAll(async () => {
  browser = await launch();
  await server.start();
  await server.send(Array.from({ length: 40 }, (_, run) => spansOf(run)).flat());
  for (let run = 0; run < 40; run += 1) {
    await server.post('/rewards', { execution_id: `run-${run}`, value: run % 2 });
  }
});

afterAll(async () => {
  await browser?.close();
  await server.remove();
});

const trace = (run: number): string => `${server.url}/traces/${idOf(`trace ${run}`, 32)}`;

async function open(): Promise<{ readonly page: Page; readonly end: () => Promise<void> }> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const { page, troubles } = await watch(context);
  const end = async (): Promise<void> => {
    await context.close();
    expect(troubles).toEqual([]);
  };
  return { page, end };
}

test('messages as Markdown, JSON and plain text; an attribute leads to the traces that have it', async () => {
  const { page, end } = await open();
  await visit(page, `${trace(1)}?span=${idOf('1 chat 1', 16)}&tab=messages`);
  await page.getByText('Plan', { exact: true }).waitFor();
  await page.getByText('one', { exact: true }).waitFor();
  expect(await violationsOf(page, 'messages')).toEqual([]);
  await keepScreenshot(page, 'messages');
  await page.getByText('Plain', { exact: true }).click();
  await page.waitForURL(/as=plain/);
  await page.getByText('# Plan').waitFor();
  await page.getByRole('tab', { name: 'Attributes' }).click();
  await page.getByTitle(/Everything with attribute.gen_ai.operation.name/).click();
  await page.waitForURL(/\/traces\?attribute.gen_ai.operation.name=chat/);
  await page.getByRole('button', { name: 'Remove the filter gen_ai.operation.name' }).waitFor();
  await page.getByRole('table', { name: 'Traces' }).waitFor();
  await end();
});

test('buttons to other tools, from the configuration', async () => {
  const { page, end } = await open();
  await visit(page, trace(2));
  const jaeger = page.getByRole('link', { name: 'Jaeger' });
  await jaeger.waitFor();
  const root = idOf('2 agent 0', 16);
  expect(await jaeger.getAttribute('href')).toBe(
    `http://jaeger.test/trace/${idOf('trace 2', 32)}?uiFind=${root}`,
  );
  await page.locator('a[href="http://logs.test/?s=test"]').waitFor();
  await end();
});

test('a session leads with what is worth noticing, and a task without runs shows its reward', async () => {
  const { page, end } = await open();
  await visit(page, `${server.url}/sessions/${encodeURIComponent('session one')}`);
  await page.getByText('search failed 40 times').waitFor();
  await page.getByText('search was called 3 times with the same arguments').first().waitFor();
  expect(await violationsOf(page, 'session')).toEqual([]);
  await keepScreenshot(page, 'session');
  await server.post('/tasks', { id: 'by hand' });
  await server.post('/rewards', { task_id: 'by hand', value: 0.9 });
  const task = await server.get<TaskJson>('/tasks/by%20hand');
  expect(task.reward).toEqual({ mean: 0.9, executions: 0 });
  await end();
});

test('a box drawn around runs asks what is different in them', async () => {
  const { page, end } = await open();
  await visit(page, `${server.url}/differences`);
  const plane = page.getByRole('img', { name: /^Start and duration/ });
  await plane.scrollIntoViewIfNeeded();
  const box = (await plane.boundingBox())!;
  await page.mouse.move(box.x + box.width * 0.6, box.y + 2);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width - 2, box.y + box.height - 2, { steps: 4 });
  await page.mouse.up();
  await page.getByRole('button', { name: /What is different in these \d+ runs/ }).click();
  await page.waitForURL(({ searchParams }) => searchParams.get('a')?.startsWith('since=') === true);
  await settle(page);
  const filled = await page.getByLabel('In these runs (A)').inputValue();
  expect(filled).toContain('max_duration_ms=');
  expect(await violationsOf(page, 'differences')).toEqual([]);
  await keepScreenshot(page, 'differences');
  await end();
});

test('what is refused is told with its reason, beside what the doctor sees', async () => {
  const { page, end } = await open();
  const refused = await fetch(`${server.url}/api/v1/spans/batch`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ spans: [{ name: 'nothing else' }] }),
  });
  expect(refused.status).toBe(207);
  await visit(page, `${server.url}/health`);
  await page.getByRole('region', { name: 'Refused input' }).getByText('the REST API').waitFor();
  await page.getByText('a row was written and read back').waitFor();
  await page
    .getByText('traces of 30 days, up to 2.00 GB; runs, records and patterns stay')
    .waitFor();
  expect(await violationsOf(page, 'health')).toEqual([]);
  await keepScreenshot(page, 'health of inspect');
  await end();
});

test('runs that were kept because of how they went need attention, and new versions mark the metrics', async () => {
  const sampled = new TestServer();
  try {
    await sampled.start();
    const runOf = (run: number): object[] =>
      spansOf(run, { 'tailsampling.policy': 'errors', 'agent.version': run < 3 ? '1.0' : '1.1' });
    await sampled.send([0, 1, 2, 3, 4].flatMap(runOf));
    await sampled.post('/learn', {});
    const { page, end } = await open();
    await visit(page, sampled.url);
    await page.getByText(/Nothing can be learned\. 5 runs were kept by policies/).waitFor();
    expect(await violationsOf(page, 'home, sampled')).toEqual([]);
    await visit(page, `${sampled.url}/series?bucket=hour`);
    await page.getByText('2 new agent versions').waitFor();
    await page.getByText('What happened meanwhile').click();
    await page.getByRole('cell', { name: 'first run of inspector, version 1.1' }).waitFor();
    expect(await violationsOf(page, 'metrics, versions')).toEqual([]);
    await end();
  } finally {
    await sampled.remove();
  }
});

test('a chart of over 300 points leads to the point nearest to the pointer, and by arrow keys to every other', async () => {
  const dense = new TestServer();
  try {
    await dense.start();
    const hours = 320;
    const runs = Array.from({ length: hours }, (_, hour) =>
      otlpSpan({
        ...{ id: `hour ${hour}`, trace: `hour ${hour}`, name: 'agent', at: hour * 3_600_000 },
        millis: 1_000 * (hour + 1),
        attributes: { 'gen_ai.operation.name': 'invoke_agent', 'agent.id': 'hourly' },
      }),
    );
    await dense.send(runs);
    const { page, end } = await open();
    await visit(page, `${dense.url}/series?bucket=hour`);
    const chart = page.getByRole('group', { name: 'Latency, p50 over time' });
    const links = chart.getByRole('link');
    const named = async (): Promise<string> => (await links.getAttribute('aria-label'))!;
    // Not a link a point.
    expect(await links.count()).toBe(1);
    expect(await named()).toMatch(/^all runs, .*: 5 min 20 s, 1 runs: its runs/);
    await chart.scrollIntoViewIfNeeded();
    const { x, y, width, height } = (await chart.boundingBox())!;
    // The line rises from the lower left to the upper right.
    await page.mouse.move(x + width * 0.17, y + height * 0.85);
    await chart.locator('text', { hasText: '1 runs' }).waitFor();
    expect(await named()).toMatch(/: \d+\.\d+ s, 1 runs/);
    await page.mouse.move(x + width * 0.97, y + height * 0.15);
    await chart.locator('text', { hasText: /5 min \d\d s, 1 runs/ }).waitFor();
    expect(await named()).toMatch(/: 5 min \d\d s, 1 runs/);
    await page.mouse.move(0, 0);
    await links.focus();
    await page.keyboard.press('Home');
    expect(await named()).toMatch(/: 1\.00 s, 1 runs/);
    await page.keyboard.press('ArrowRight');
    expect(await named()).toMatch(/: 2\.00 s, 1 runs/);
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('ArrowLeft');
    expect(await named()).toMatch(/: 1\.00 s, 1 runs/);
    expect(await violationsOf(page, 'dense metrics')).toEqual([]);
    await keepScreenshot(page, 'dense metrics');
    await page.keyboard.press('Enter');
    await page.waitForURL(/start_time=.*end_time=|since=.*until=/);
    await settle(page);
    await end();
  } finally {
    await dense.remove();
  }
});

test('two tabs: what comes while one is paused waits there, and is shown in the other', async () => {
  const { page: first, end } = await open();
  await visit(first, `${server.url}/traces`);
  const second = await first.context().newPage();
  await visit(second, `${server.url}/traces`);
  await first.getByRole('button', { name: 'Live' }).waitFor();
  await first.keyboard.press('.');
  await first.getByRole('button', { name: 'Paused' }).waitFor();
  await second.getByRole('button', { name: 'Live' }).waitFor();
  const waiting = first.getByRole('button', { name: /change.* waiting/ });
  // The first look at the store only says from where changes count; how soon it is over nobody knows.
  for (let run = 50; run < 90 && !(await waiting.isVisible()); run += 1) {
    await server.send(spansOf(run));
    await new Promise((resolve) => setTimeout(resolve, 2_000));
  }
  await waiting.waitFor();
  await second.bringToFront();
  await second
    .getByText(/2026, \d\d:14:10/)
    .first()
    .waitFor({ timeout: 90_000 });
  await waiting.click();
  await first.getByRole('button', { name: 'Live' }).waitFor();
  await end();
});

test('a token that is revoked while the page is open: the page asks for another, and goes on with it', async () => {
  const guarded = new TestServer({ EVOLUTION_TOKEN: 'a secret of the operator' });
  try {
    await guarded.run('demo', '--executions', '4');
    const made = await guarded.run('token', 'create', '--scope', 'read', '--json');
    const { id, secret: token } = JSON.parse(made) as IssuedTokenJson;
    await guarded.start();
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(guarded.url);
    const give = async (secret: string): Promise<void> => {
      await page.getByLabel('Token').fill(secret);
      await page.getByRole('button', { name: 'Use it' }).click();
    };
    await page.getByText('This server wants a token').waitFor();
    await give(token);
    await page.getByRole('heading', { name: 'How your agents do' }).waitFor();
    await guarded.run('token', 'revoke', id);
    await page.keyboard.press('g');
    await page.keyboard.press('t');
    await page.getByText('This server wants a token').waitFor();
    await give('a secret of the operator');
    await page.getByRole('table', { name: 'Tasks' }).waitFor();
    await context.close();
  } finally {
    await guarded.remove();
  }
});
