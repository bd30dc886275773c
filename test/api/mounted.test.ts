import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ConfigError } from '../../src/errors';
import { createEvolutionAPI } from '../../src/runtime';
import { startApi, type TestApi } from '../support/api';

// `createEvolutionAPI` in a server of the user's own, over real connections.

let served: TestApi;
let server: Server;
let url: string;

beforeAll(async () => {
  served = await startApi({ prefix: '/agents/evolution' });
  server = createServer((request, response) => {
    if (request.url!.startsWith('/agents/')) return void served.api.listener(request, response);
    response.end('their own');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await served.close();
});

const signedIn = { 'x-scopes': 'admin', 'content-type': 'application/json' };

test('it answers below its prefix, and nowhere else', async () => {
  expect(await (await fetch(`${url}/elsewhere`)).text()).toBe('their own');
  const base = `${url}/agents/evolution`;
  expect((await fetch(`${base}/api/v1/tasks`, { headers: signedIn })).status).toBe(200);
  expect((await fetch(`${url}/agents/api/v1/tasks`, { headers: signedIn })).status).toBe(404);
  expect((await fetch(`${base}/api/v1/tasks`)).status).toBe(401);
});

test('its document says where it is', async () => {
  const answer = await fetch(`${url}/agents/evolution/openapi.json`);
  const { servers } = (await answer.json()) as { servers: unknown };
  expect(servers).toEqual([{ url: '/agents/evolution' }]);
});

test('bodies come in by the connection, and go out as they were stored', async () => {
  const tasks = `${url}/agents/evolution/api/v1/tasks`;
  const body = JSON.stringify({ id: 'task-ü', type: 'refund' });
  const created = await fetch(tasks, { method: 'POST', headers: signedIn, body });
  expect(created.status).toBe(201);
  const read = await fetch(`${tasks}/task-%C3%BC`, { headers: signedIn });
  expect(await read.json()).toMatchObject({ id: 'task-ü', type: 'refund' });
});

test('events flow while the connection is open, and end with it', async () => {
  const leaving = new AbortController();
  const answer = await fetch(`${url}/agents/evolution/api/v1/events`, {
    headers: signedIn,
    signal: leaving.signal,
  });
  const reader = answer.body!.getReader();
  const { value } = (await reader.read()) as { value: Uint8Array };
  expect(Buffer.from(value).toString()).toBe(': listening\n\n');
  leaving.abort();
  await expect(reader.read()).rejects.toThrow();
  expect(served.errors).toEqual([]);
});

test.each(['evolution', '/evolution/', '/a b', '/..//x?y'])(
  'a prefix such as "%s" is refused with what is expected',
  async (prefix) => {
    await expect(createEvolutionAPI(served.evolution, { prefix })).rejects.toThrow(ConfigError);
  },
);
