import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { chromium } from 'playwright-core';
import type { ServerProcess } from '../../support/server-process';
import { startServer } from '../../support/server-process';

const cli = join('dist', 'cli.mjs');

/** Debian's package, or what `CHROMIUM` names. */
const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';

/** Pages of the browser's own address bar, hundreds of files with every new context, would share the processor with ours. */
const withoutOwnPages = ['--disable-features=WebUIOmniboxPopup,WebUIOmniboxAimPopup'];

export function launch(): Promise<Browser> {
  if (!existsSync(cli) || !existsSync(join('dist', 'dashboard'))) {
    throw new Error('There is no build to open: npm run build');
  }
  const args = ['--no-sandbox', '--disable-dev-shm-usage', ...withoutOwnPages];
  return chromium.launch({ executablePath, args });
}

/** A server of its own on a new database. */
export class TestServer {
  readonly #folder = mkdtempSync(join(tmpdir(), 'dashboard-'));
  readonly databaseUrl: string;
  readonly #environment: Readonly<Record<string, string>>;
  #process: ServerProcess | null = null;

  /** `databaseUrl`: unless told a SQLite file of its own. */
  constructor(environment: Readonly<Record<string, string>> = {}, databaseUrl?: string) {
    this.databaseUrl = databaseUrl ?? `sqlite:${join(this.#folder, 'test.db')}`;
    this.#environment = environment;
  }

  get url(): string {
    return this.#process!.url;
  }

  /** One command of the built command line on the database; gives what it wrote. */
  async run(...args: readonly string[]): Promise<string> {
    const all = [cli, ...args, '--db', this.databaseUrl];
    return (await promisify(execFile)(process.execPath, all)).stdout;
  }

  async start(port?: number): Promise<void> {
    const { databaseUrl } = this;
    this.#process = await startServer({
      cli,
      databaseUrl,
      environment: this.#environment,
      ...(port === undefined ? {} : { port }),
    });
  }

  async stop(): Promise<void> {
    await this.#process?.stop('SIGKILL');
    this.#process = null;
  }

  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async get<T>(path: string): Promise<T> {
    const response = await fetch(`${this.url}/api/v1${path}`);
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  }

  async post(path: string, body: object): Promise<void> {
    const response = await fetch(`${this.url}/api/v1${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  }

  /** Spans in the field names of OTLP/JSON. */
  async send(spans: readonly object[], attempts = 5): Promise<void> {
    const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'test' } }] };
    const body = {
      resourceSpans: [{ resource, scopeSpans: [{ scope: { name: 'test' }, spans }] }],
    };
    const response = await fetch(`${this.url}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    // As every OTLP exporter does.
    if (response.status === 503 && attempts > 1) return this.send(spans, attempts - 1);
    if (!response.ok) throw new Error(`spans: ${response.status} ${await response.text()}`);
  }
}

/** What takes longer is no slow machine. */
const patienceMillis = 90_000;

export interface Watched {
  readonly page: Page;
  /** Console errors, uncaught errors, violations of the page's policy, dialogs. */
  readonly troubles: string[];
}

/** A page whose every complaint is kept. */
export async function watch(context: BrowserContext): Promise<Watched> {
  const page = await context.newPage();
  page.setDefaultTimeout(patienceMillis);
  const troubles: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') troubles.push(`${page.url()}: ${message.text()}`);
  });
  page.on('pageerror', (error) => troubles.push(`${page.url()}: ${error.message}`));
  page.on('dialog', (dialog) => {
    troubles.push(`${page.url()}: a dialog, ${dialog.message()}`);
    void dialog.dismiss();
  });
  return { page, troubles };
}

/** Opens an address and waits until what it shows has been read. */
export async function visit(page: Page, url: string): Promise<void> {
  await page.goto(url);
  await settle(page);
}

export async function settle(page: Page): Promise<void> {
  await page.locator('h1, h2').first().waitFor();
  await page.locator('[aria-busy=true]').first().waitFor({ state: 'hidden' });
}

/** What axe finds wrong with the page, a line each. */
export async function violationsOf(page: Page, name: string): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze();
  return violations.map(({ id, nodes }) => {
    const first = nodes.slice(0, 3);
    const texts = first.map((n) => `${n.html.slice(0, 160)} ${n.any[0]?.message ?? ''}`);
    return `${name}: ${id}: ${texts.join(' | ')}`;
  });
}

/** By how many pixels the page scrolls sideways. */
export function overflowOf(page: Page): Promise<number> {
  return page.evaluate<number>('document.documentElement.scrollWidth - window.innerWidth');
}

/** Into the folder that `SCREENSHOTS` names, if it does. */
export async function keepScreenshot(page: Page, name: string): Promise<void> {
  const folder = process.env.SCREENSHOTS;
  if (folder === undefined) return;
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
}
