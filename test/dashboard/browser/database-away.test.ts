import type { Browser } from 'playwright-core';
import { startOwnPostgres, type OwnPostgres } from '../../support/own-postgres';
import { startTcpProxy, type TcpProxy } from '../../support/tcp-proxy';
import { launch, TestServer, visit, watch } from './open-dashboard';

// The server runs, and its database does not.

let browser: Browser;
let postgres: OwnPostgres;
let wire: TcpProxy;
let server: TestServer;

beforeAll(async () => {
  browser = await launch();
  postgres = await startOwnPostgres();
  const url = new URL(postgres.url);
  wire = await startTcpProxy({ host: url.hostname, port: Number(url.port) });
  url.port = String(wire.port);
  server = new TestServer({}, url.href);
  await server.run('demo', '--executions', '10');
  await server.start();
});

afterAll(async () => {
  await browser?.close();
  await server?.remove();
  await postgres?.stop();
});

test('a database that is away while the page is open: the page says so, and comes back by itself', async () => {
  const { page } = await watch(await browser.newContext());
  await visit(page, server.url);
  await page.getByRole('heading', { name: 'How your agents do' }).waitFor();
  await page.getByRole('button', { name: 'Live' }).waitFor();
  await wire.cut();
  await page.keyboard.press('g');
  await page.keyboard.press('t');
  await page.getByText('The database is away').waitFor({ timeout: 60_000 });
  // What was read before stays, and says that it is old.
  await page.keyboard.press('g');
  await page.keyboard.press('h');
  await page.getByText('What you see is what was read before').waitFor({ timeout: 60_000 });
  await page.getByRole('heading', { name: 'package-agent' }).waitFor();
  await page.keyboard.press('g');
  await page.keyboard.press('t');
  await wire.restore();
  await page.getByRole('table', { name: 'Tasks' }).waitFor({ timeout: 60_000 });
  await page.context().close();
});
