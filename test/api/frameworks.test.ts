import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import fastify from 'fastify';
import { startApi, type TestApi } from '../support/api';

// `createEvolutionAPI` mounted in what people run, under a prefix, over real connections. Next.js itself is built and
// asked in `.ci/next`.

const prefix = '/agents/evolution';
const signedIn = { 'x-scopes': 'admin', 'content-type': 'application/json' };

type Mount = (api: TestApi['api']) => RequestListener | Promise<RequestListener>;

const mounts: Readonly<Record<string, Mount>> = {
  'Express 5': (api) => {
    const app = express();
    app.all(`${prefix}/{*path}`, (request, response) => api.listener(request, response));
    app.get('/own', (_request, response) => void response.send('their own'));
    return app as RequestListener;
  },
  'Express 5 after express.json()': (api) => {
    const app = express();
    app.use(express.json());
    app.all(`${prefix}/{*path}`, (request, response) => api.listener(request, response));
    app.get('/own', (_request, response) => void response.send('their own'));
    return app as RequestListener;
  },
  Fastify: async (api) => {
    const app = fastify();
    app.get('/own', () => 'their own');
    void app.register((scope, _options, done) => {
      scope.removeAllContentTypeParsers();
      scope.addContentTypeParser('*', (_request, _payload, ready) => ready(null));
      scope.all(`${prefix}/*`, (request, reply) => {
        reply.hijack();
        return api.listener(request.raw, reply.raw);
      });
      done();
    });
    await app.ready();
    return (request, response) => app.routing(request, response);
  },
};

describe.each(Object.entries(mounts))('in %s', (_, mount) => {
  let served: TestApi;
  let server: Server;
  let url: string;

  beforeAll(async () => {
    served = await startApi({ prefix });
    server = createServer(await mount(served.api));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });

  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await served.close();
  });

  test('routes of both are answered, and who is not signed in is not served', async () => {
    expect(await (await fetch(`${url}/own`)).text()).toBe('their own');
    const tasks = `${url}${prefix}/api/v1/tasks`;
    expect((await fetch(tasks, { headers: signedIn })).status).toBe(200);
    expect((await fetch(tasks)).status).toBe(401);
    expect((await fetch(`${url}/agents/api/v1/tasks`, { headers: signedIn })).status).toBe(404);
  });

  test('a task is created, judged and read', async () => {
    const base = `${url}${prefix}/api/v1`;
    const send = (path: string, body: object) =>
      fetch(base + path, { method: 'POST', headers: signedIn, body: JSON.stringify(body) });
    expect((await send('/tasks', { id: 'task-ü', type: 'refund' })).status).toBe(201);
    const judged = await send('/rewards', { task_id: 'task-ü', value: 0.5, source: 'human' });
    expect(judged.status).toBe(201);
    const read = await fetch(`${base}/tasks/task-%C3%BC`, { headers: signedIn });
    expect(await read.json()).toMatchObject({ id: 'task-ü', type: 'refund' });
    const rewards = await fetch(`${base}/rewards`, { headers: signedIn });
    expect(await rewards.json()).toMatchObject({
      items: [{ target: { task_id: 'task-ü' }, value: 0.5 }],
    });
  });

  test('a body that is no JSON is refused', async () => {
    const tasks = `${url}${prefix}/api/v1/tasks`;
    const init = { method: 'POST', headers: signedIn, body: '{"id":' };
    expect((await fetch(tasks, init)).status).toBe(400);
  });

  test('events flow, and end with the connection', async () => {
    const leaving = new AbortController();
    const { signal } = leaving;
    const events = `${url}${prefix}/api/v1/events`;
    const answer = await fetch(events, { headers: signedIn, signal });
    const reader = answer.body!.getReader();
    const { value } = (await reader.read()) as { value: Uint8Array };
    expect(Buffer.from(value).toString()).toBe(': listening\n\n');
    leaving.abort();
    await expect(reader.read()).rejects.toThrow();
    expect(served.errors).toEqual([]);
  });
});
