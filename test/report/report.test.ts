import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import { createHash } from 'node:crypto';
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser } from 'playwright-core';
import { chromium } from 'playwright-core';
import type { Evolution } from '../../src';
import { createEvolution, generateReport } from '../../src';
import { importFiles } from '../../src/runtime';
import { hostilePayloads } from '../support/hostile-payloads';
import { dataDir, describeWithData } from '../support/data-dir';
import { makePattern } from '../support/make-pattern';
import { attributes, makeSpan, spanId, traceId } from '../support/make-span';
import { runCli } from '../support/run-cli';

const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
const testWithBrowser = existsSync(executablePath) ? test : test.skip;
if (!existsSync(executablePath)) {
  process.stderr.write(
    `NOT RUN: reports in a browser. ${executablePath} is absent; set CHROMIUM.\n`,
  );
}

const payloads = [
  '<script>window.hit=1</script>',
  '</script><script>window.hit=1</script>',
  '<!--<script>window.hit=1',
  ']]><script>window.hit=1</script>',
  '<img src=x onerror=window.hit=1>',
  '"><svg onload=window.hit=1>',
  "' onmouseover='window.hit=1",
  '" autofocus onfocus="window.hit=1" x="',
  '<svg><script>window.hit=1</script></svg>',
  '<a href="javascript:window.hit=1">tap</a>',
  '<iframe srcdoc="<script>parent.hit=1</script>"></iframe>',
  '<style>@import "http://example.invalid/x.css"</style>',
  '</title><script>window.hit=1</script>',
  '</style><script>window.hit=1</script>',
  '&lt;script&gt;window.hit=1&lt;/script&gt;',
  '${window.hit=1}{{constructor.constructor("window.hit=1")()}}',
  '%{x}<b>bold</b><a href="http://example.invalid">link</a>',
  '$\\href{javascript:window.hit=1}{x}$',
  '\u202egnp.exe\u200b\u001b[31m<details open ontoggle=window.hit=1>',
  '\u2028\u2029<base href="http://example.invalid/">',
] as const;

let folder: string;
let databaseUrl: string;
let evolution: Evolution;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'report-'));
  databaseUrl = `sqlite:${join(folder, 'hostile.db')}`;
  evolution = await createEvolution({ databaseUrl });
  for (const [index, payload] of payloads.entries()) await recordHostile(index, payload);
});

afterAll(async () => {
  await evolution.close();
  rmSync(folder, { recursive: true, force: true });
});

/** One run with the text in every place that a report shows. */
async function recordHostile(index: number, payload: string): Promise<void> {
  const trace = traceId(index + 1);
  const start = 1_790_000_000_000_000_000n + BigInt(index) * 3_600_000_000_000n;
  const base = { traceId: trace, startTimeUnixNano: start };
  const { refused } = await evolution.sink.accept({
    spans: [
      makeSpan({
        ...base,
        spanId: spanId(1),
        name: `agent ${payload}`,
        endTimeUnixNano: start + 5_000_000_000n,
        attributes: attributes({
          'gen_ai.operation.name': 'invoke_agent',
          'agent.id': `agent ${payload}`,
          'agent.version': payload,
          'task.id': `task ${payload}`,
          'task.type': payload,
          'execution.id': `run ${payload}`,
          'agent.config': JSON.stringify({ [payload]: payload }),
          'evolution.tags': [payload],
        }),
      }),
      makeSpan({
        ...base,
        spanId: spanId(2),
        parentSpanId: spanId(1),
        name: `execute_tool ${payload}`,
        startTimeUnixNano: start + 1_000_000_000n,
        endTimeUnixNano: start + 2_000_000_000n,
        status: { code: 2, message: payload },
        attributes: attributes({
          'gen_ai.operation.name': 'execute_tool',
          'gen_ai.tool.name': payload,
          'error.type': payload,
          'evolution.tags': [payload],
        }),
      }),
    ],
    rewards: [
      {
        id: `reward-${index}`,
        target: { kind: 'span', traceId: trace, spanId: spanId(1) },
        name: 'reward',
        value: index % 2,
        rawValue: index % 2,
        dimensions: { [payload]: 0.5 },
        feedback: payload,
        label: payload,
        source: 'human',
        evaluator: payload,
        timestampUnixNano: start + 6_000_000_000n,
        supersedes: null,
      },
    ],
  });
  expect(refused).toEqual([]);
}

/** A run that succeeded if it searched often. */
async function recordSearches(
  into: Evolution,
  { n, agentId, searches }: { n: number; agentId: string; searches: number },
): Promise<void> {
  const trace = traceId(n + 1);
  const start = 1_790_000_000_000_000_000n + BigInt(n) * 60_000_000_000n;
  const step = (i: number, parent: string | null, of: Record<string, string>) =>
    makeSpan({
      traceId: trace,
      spanId: spanId(i),
      parentSpanId: parent,
      startTimeUnixNano: start + BigInt(i),
      endTimeUnixNano: start + 1_000_000_000n - BigInt(i),
      attributes: attributes(of),
    });
  const root = { 'gen_ai.operation.name': 'invoke_agent', 'agent.id': agentId };
  const search = { 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': 'search' };
  const target = { kind: 'span', traceId: trace, spanId: spanId(1) } as const;
  const value = searches > 1 ? 1 : 0;
  await into.sink.accept({
    spans: [
      step(1, null, { ...root, 'task.id': `searched ${n}`, 'execution.id': `search ${n}` }),
      ...Array.from({ length: searches }, (_, i) => step(i + 2, spanId(1), search)),
    ],
    rewards: [
      {
        ...{ id: `searched-${n}`, target, name: 'reward', value, rawValue: value, dimensions: {} },
        ...{ feedback: null, label: null, source: 'code', evaluator: null, supersedes: null },
        timestampUnixNano: start + 2_000_000_000n,
      },
    ],
  });
}

/** What a browser would take for markup of the page: everything outside of script and style elements. */
function markupOf(page: string): string {
  return page.replaceAll(/<(script|style)\b[^>]*>[\s\S]*?<\/\1>/g, '');
}

describe('generateReport', () => {
  test('one task: its runs, steps, judgements, and nothing but text from outside', async () => {
    const path = join(folder, 'task.html');
    const { items } = await evolution.store.listTasks({ limit: 100 });
    expect(items).toHaveLength(payloads.length);
    for (const { id } of items) {
      const written = await generateReport(id, path);
      expect(written).toMatchObject({ path, runs: 1, detailed: 1 });
      const page = readFileSync(path, 'utf8');
      expect(page.length).toBeGreaterThan(1_000_000);
      const names = [...markupOf(page).matchAll(/<([a-z0-9!/-]+)/gi)].map(([, name]) => name);
      expect(new Set(names)).not.toContain('svg');
      for (const foreign of ['img', 'iframe', 'a', 'base', 'b'])
        expect(names).not.toContain(foreign);
      expect(markupOf(page)).toContain('1 judgement');
    }
  });

  test('the policy names exactly the script and style that are there', async () => {
    const path = join(folder, 'policy.html');
    await generateReport({}, path);
    const page = readFileSync(path, 'utf8');
    const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1] ?? '';
    expect(policy).toContain('default-src &#39;none&#39;');
    expect(policy).not.toMatch(/unsafe|https?:|\*/);
    const inlined = [...page.matchAll(/<(?:script|style)>([\s\S]*?)<\/(?:script|style)>/g)];
    expect(inlined).toHaveLength(3);
    for (const [, content = ''] of inlined) {
      const hash = createHash('sha256').update(content).digest('base64');
      expect(policy).toContain(`&#39;sha256-${hash}&#39;`);
    }
    const data = /<script type="application\/json" id="figures">([\s\S]*?)<\/script>/.exec(
      page,
    )?.[1];
    expect(data).not.toMatch(/[<>&\u2028\u2029]/);
    expect(JSON.parse(data ?? '')).toBeInstanceOf(Array);
  });

  test('a time and a list of tasks narrow it, and it says what it is about', async () => {
    const path = join(folder, 'narrow.html');
    const { items } = await evolution.store.listTasks({ limit: 3 });
    const tasks = items.map(({ id }) => id);
    expect(await generateReport({ tasks }, path)).toMatchObject({ runs: 3 });
    const since = new Date(1_790_000_000_000 + 5 * 3_600_000);
    const until = String(1_790_000_000_000_000_000n + 7n * 3_600_000_000_000n);
    expect(await generateReport({ since, until }, path)).toMatchObject({ runs: 2, replaced: true });
    expect(readFileSync(path, 'utf8')).toContain('2 runs since 2026-09-21');
  });

  test('an empty selection is said, not drawn', async () => {
    const path = join(folder, 'empty.html');
    await generateReport({ since: '2030-01-01' }, path);
    expect(readFileSync(path, 'utf8')).toContain('There are no runs in this selection.');
  });

  test('what does not exist or cannot be written is an error, and leaves the file as it was', async () => {
    const path = join(folder, 'notes.txt');
    writeFileSync(path, 'mine');
    await expect(generateReport({}, path)).rejects.toThrow('is no report; it was left as it is');
    expect(readFileSync(path, 'utf8')).toBe('mine');
    await expect(generateReport({}, folder)).rejects.toThrow('is no report');
    await expect(generateReport({}, join(folder, 'no', 'such.html'))).rejects.toThrow(
      'cannot be written',
    );
    const output = join(folder, 'never.html');
    await expect(generateReport('nowhere', output)).rejects.toThrow('There is no task "nowhere"');
    await expect(generateReport({ agentId: 'nobody' }, output)).rejects.toThrow(
      'no agent "nobody"',
    );
    await expect(generateReport({ tasks: [] }, output)).rejects.toThrow('expected 1 to 1000 ids');
    await expect(generateReport({ since: '12' }, output)).rejects.toThrow('too small');
    await expect(generateReport({ agent: 'x' } as object, output)).rejects.toThrow('agentId');
    expect(existsSync(output)).toBe(false);
  });

  test('the command says what it wrote and how large', async () => {
    const path = join(folder, 'command.html');
    const { code, out } = await runCli(['report', '--db', databaseUrl, '--output', path]);
    expect(code).toBe(0);
    expect(out).toMatch(/^Wrote .*command\.html: 1\.\d MB, 20 runs, the latest 12 step by step\./);
    const [task] = (await evolution.store.listTasks({ limit: 1 })).items;
    const again = await runCli([
      ...['report', '--db', databaseUrl, '--task-id', task?.id ?? '', '--output', path],
    ]);
    expect(again.out).toMatch(/^Replaced .*1 runs, all step by step/);
    const refused = await runCli(['report', '--db', databaseUrl, '--output', databaseUrl.slice(7)]);
    expect(refused.code).toBe(3);
    expect(refused.err).toContain('is no report');
  });

  testWithBrowser.each(['light', 'dark'] as const)(
    'in a browser, %s: nothing is run, fetched or complained of, every chart is drawn',
    async (colorScheme) => {
      const path = join(folder, 'browser.html');
      await evolution.report({}, path);
      expect(await look(path, colorScheme)).toEqual({
        complaints: [],
        hit: undefined,
        foreign: 0,
        undrawn: 0,
        violations: [],
      });
    },
    300_000,
  );
});

testWithBrowser(
  '150 payloads in every text of the runs of one task: none is executed',
  async () => {
    expect(hostilePayloads.length).toBeGreaterThanOrEqual(150);
    const hostile = await createEvolution({ databaseUrl: `sqlite:${join(folder, '150.db')}` });
    const browser = await launch();
    try {
      for (let run = 0; run < 30; run += 1) {
        await recordPayloads(hostile, run, hostilePayloads.slice(5 * run, 5 * run + 5));
      }
      const path = join(folder, '150.html');
      expect(await hostile.report('the task', path)).toMatchObject({ runs: 30, detailed: 30 });
      const page = await browser.newPage();
      const complaints: string[] = [];
      page.on('console', (message) => complaints.push(message.text()));
      page.on('pageerror', (error) => complaints.push(error.message));
      await page.goto(pathToFileURL(path).href);
      await page.evaluate(
        "document.querySelectorAll('details').forEach((fold) => { fold.open = true; })",
      );
      await page.waitForFunction(
        "[...document.querySelectorAll('[data-figure]')].every((node) => node.querySelector('svg'))",
      );
      // What is shown on hovering is text as well.
      await page.locator('.main-svg').first().hover();
      expect(await page.evaluate('window.__executed')).toBeUndefined();
      expect(complaints).toEqual([]);
      expect(await page.locator('table img, iframe, object, template, svg a').count()).toBe(0);
      const text = (await page.locator('body').textContent())!;
      const beacons = text.split('window.__executed').length - 1;
      expect(beacons).toBeGreaterThan(hostilePayloads.length);
    } finally {
      await browser.close();
      await hostile.close();
    }
  },
  300_000,
);

/** A run whose steps have each a payload as name, tool, error, message and tag, and a judgement with one. */
async function recordPayloads(
  into: Evolution,
  run: number,
  texts: readonly string[],
): Promise<void> {
  const trace = traceId(run + 1);
  const start = 1_790_000_000_000_000_000n + BigInt(run) * 60_000_000_000n;
  const { refused } = await into.sink.accept({
    spans: texts.map((text, at) =>
      makeSpan({
        traceId: trace,
        spanId: spanId(at + 1),
        parentSpanId: at === 0 ? null : spanId(1),
        name: text,
        startTimeUnixNano: start + BigInt(at) * 1_000_000_000n,
        endTimeUnixNano: start + BigInt(at + 1) * 1_000_000_000n,
        status: { code: 2, message: text },
        attributes: attributes({
          'gen_ai.operation.name': at === 0 ? 'invoke_agent' : 'execute_tool',
          'gen_ai.tool.name': text,
          'error.type': text,
          'agent.id': texts[0]!,
          'agent.version': text,
          'task.id': 'the task',
          'task.type': texts[1]!,
          'execution.id': `run ${run}`,
          'agent.config': JSON.stringify({ [text]: text }),
          'evolution.tags': [text],
        }),
      }),
    ),
    rewards: texts.map((text, at) => ({
      id: `reward-${run}-${at}`,
      target: { kind: 'span' as const, traceId: trace, spanId: spanId(1) },
      name: at === 0 ? 'reward' : text,
      value: 0.5,
      rawValue: 0.5,
      dimensions: { [text]: 0.5 },
      feedback: text,
      label: text,
      source: 'human' as const,
      evaluator: text,
      timestampUnixNano: start + 6_000_000_000n,
      supersedes: null,
    })),
  });
  expect(refused).toEqual([]);
}

describe('on paper', () => {
  // A4 and Letter less the margins of the page's own @page, in CSS pixels.
  const paperWidth = 688;

  testWithBrowser.each(['task', 'runs'] as const)(
    'a report of %s prints to PDF: every chart in sight is whole, no table is in its way',
    async (subject) => {
      const path = join(folder, `paper-${subject}.html`);
      const [task] = (await evolution.store.listTasks({ limit: 1 })).items;
      await evolution.report(subject === 'task' ? task!.id : {}, path);
      const browser = await launch();
      try {
        const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
        await page.goto(pathToFileURL(path).href);
        const before = await page.locator('.main-svg').first().getAttribute('width');
        const pdf = (await page.pdf({ format: 'A4', printBackground: true })).toString('latin1');
        const pages = pdf.match(/\/Type *\/Page\b/g) ?? [];
        expect(pages.length).toBeGreaterThan(0);
        expect(pages.length).toBeLessThan(12);
        // As it was before it was printed.
        expect(await page.locator('.main-svg').first().getAttribute('width')).toBe(before);

        await page.emulateMedia({ media: 'print' });
        await page.setViewportSize({ width: paperWidth, height: 900 });
        await page.evaluate("dispatchEvent(new Event('beforeprint'))");
        const charts = await page.evaluate<
          { right: number; inside: string }[]
        >(`[...document.querySelectorAll('figure')]
          .filter((figure) => figure.checkVisibility())
          .map((figure) => ({
            right: figure.querySelector('.main-svg').getBoundingClientRect().right,
            inside: getComputedStyle(figure).breakInside,
          }))`);
        expect(charts.length).toBeGreaterThan(subject === 'task' ? 1 : 3);
        for (const { right, inside } of charts) {
          expect(right).toBeLessThanOrEqual(paperWidth);
          expect(inside).toBe('avoid');
        }
        const folds = page.locator('details.table');
        expect(await folds.count()).toBeGreaterThan(0);
        expect(await folds.locator('visible=true').count()).toBe(0);
        const closed = await page.locator('details.run:not([open])').count();
        expect(closed > 0).toBe(subject === 'runs');
      } finally {
        await browser.close();
      }
    },
    300_000,
  );
});

test('a finding says its effect, its price elsewhere, runs for and against, and in which outcome', async () => {
  const databaseUrl = `sqlite:${join(folder, 'findings.db')}`;
  const found = await createEvolution({ databaseUrl });
  try {
    const address = (digit: string) => ({ traceId: digit.repeat(32), spanId: digit.repeat(16) });
    const pattern = makePattern();
    const explanation = {
      ...pattern.explanation,
      sourceSpanIds: ['1', '2', '3', '4'].map(address),
      contradictingSpanIds: [address('5')],
    };
    await found.store.storePattern({ ...pattern, dimension: 'thrift', explanation });
    const path = join(folder, 'findings.html');
    await found.report({}, path);
    const page = readFileSync(path, 'utf8');
    const text = markupOf(page)
      .replaceAll(/<[^>]*>/g, ' ')
      .replaceAll(/\s+/g, ' ');
    expect(text).toContain('+20.0 points of thrift with tool:search&gt;=3 (+10.0 to +30.0');
    expect(text).toContain('In other outcomes, at 95 % each: cost_usd +40.0 % (+20.0 to +60.0).');
    expect(text).toContain(`Runs that show it: ${'1'.repeat(32)}:${'1'.repeat(16)} `);
    expect(text).not.toContain('4'.repeat(32));
    expect(text).toContain(`Runs against it: ${'5'.repeat(32)}:${'5'.repeat(16)} `);
    expect(page).toContain('"tool:search\\u0026gt;=3 (thrift)"');
  } finally {
    await found.close();
  }
});

test("an agent's report told what holds in the whole database, not whether it is so with this agent", async () => {
  const databaseUrl = `sqlite:${join(folder, 'own-runs.db')}`;
  const found = await createEvolution({ databaseUrl });
  try {
    for (let n = 0; n < 40; n += 1) {
      const agentId = n < 30 ? 'own' : n < 39 ? 'other' : 'new';
      await recordSearches(found, { n, agentId, searches: n % 2 === 0 ? 3 : 1 });
    }
    await found.learner.learn();
    await found.store.storePattern(makePattern());
    const textOf = async (agentId: string): Promise<string> => {
      const path = join(folder, `${agentId}.html`);
      await found.report({ agentId }, path);
      return markupOf(readFileSync(path, 'utf8'))
        .replaceAll(/<[^>]*>/g, ' ')
        .replaceAll(/\s+/g, ' ');
    };
    expect(await textOf('own')).toMatch(
      /Among this agent.s runs, at 95 % each: \+100\.0 points \(.* to .*; 30 runs\)\./,
    );
    expect(await textOf('new')).toContain(
      "Among this agent's runs: too few with it, or without it, to say.",
    );
  } finally {
    await found.close();
  }
});

interface Seen {
  readonly complaints: readonly string[];
  readonly hit: unknown;
  readonly foreign: number;
  readonly undrawn: number;
  readonly violations: readonly string[];
}

function launch(): Promise<Browser> {
  return chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-dev-shm-usage'],
  });
}

async function look(path: string, colorScheme: 'light' | 'dark'): Promise<Seen> {
  const browser = await launch();
  try {
    const context = await browser.newContext({ colorScheme });
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('request', (request) => {
      if (!/^(file|data|blob):/.test(request.url())) complaints.push(request.url());
    });
    await page.goto(pathToFileURL(path).href);
    await page.evaluate(
      "document.querySelectorAll('details').forEach((fold) => { fold.open = true; })",
    );
    await page.waitForFunction(
      "[...document.querySelectorAll('[data-figure]')].every((node) => node.querySelector('svg'))",
    );
    const charts = page.locator('[data-figure]');
    const drawn = await page.locator('[data-figure] svg.main-svg').count();
    expect(drawn).toBeGreaterThan(0);
    const { violations } = await new AxeBuilder({ page }).analyze();
    return {
      complaints,
      hit: await page.evaluate('window.hit'),
      foreign: await page.locator('svg a, iframe, base, img, svg script').count(),
      undrawn:
        (await charts.count()) - (await page.locator('[data-figure].js-plotly-plot').count()),
      violations: violations.map(({ id }) => id),
    };
  } finally {
    await browser.close();
  }
}

describeWithData('on real runs', () => {
  test('says how they did, what was found and what is not known', async () => {
    const runs = await createEvolution({ databaseUrl: `sqlite:${join(folder, 'tau2.db')}` });
    try {
      const files = ['ab_airline.gpt-4.1', 'ab_airline.gpt-4.1-sft'].map((name) =>
        join(dataDir, 'tau2-bench', `${name}.json.gz`),
      );
      await importFiles(runs, { files, format: 'tau2-bench', stdin: Readable.from([]) });
      await runs.learner.learn();
      const path = join(folder, 'tau2.html');
      const { executions, successRate } = await runs.store.getStats({});
      await runs.report({}, path);
      const page = markupOf(readFileSync(path, 'utf8'));
      const { value, interval } = successRate!;
      const [share, lower, upper] = [value, interval.lower, interval.upper].map((x) =>
        (100 * x).toFixed(0),
      );
      expect(page).toContain(`${executions} runs on`);
      expect(page).toContain(`${share} %, 95 % interval ${lower} to ${upper} %`);
      expect(page).toContain('The latest 12 are shown step by step');
      for (const title of ['Runs', 'Over time', 'Findings', 'Not known yet', 'Step by step']) {
        expect(page).toContain(`<h2>${title}</h2>`);
      }
      expect(statSync(path).size).toBeLessThan(5_000_000);
    } finally {
      await runs.close();
    }
  });
});
