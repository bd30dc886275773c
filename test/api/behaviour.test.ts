import { routes } from '../../src/api/routes';
import { problemSchema } from '../../src/wire';
import { startApi, type TestApi } from '../support/api';
import { expectDocument } from '../support/expect-document';
import { makePattern } from '../support/make-pattern';

let served: TestApi;
const base = '/api/v1';

const span = (id: number, change: object = {}): Record<string, unknown> => ({
  trace_id: '0af7651916cd43dd8448eb211c80319c',
  span_id: id.toString(16).padStart(16, '0'),
  name: 'chat',
  start_time_unix_nano: '1700000000000000001',
  attributes: { 'gen_ai.operation.name': 'chat', 'gen_ai.input.messages': 'secret words' },
  ...change,
});

beforeAll(async () => {
  served = await startApi({ corsOrigins: ['https://chat.example'] });
  const spans = Array.from({ length: 1_200 }, (_, i) => span(i + 1));
  expect((await served.call('POST', `${base}/spans/batch`, { body: { spans } })).status).toBe(201);
});

afterAll(() => served.close());

test('NDJSON gives all that match, beyond the largest page, and as many as limit says', async () => {
  const headers = { accept: 'application/x-ndjson' };
  const all = await served.call('GET', `${base}/spans`, { headers });
  const lines = (await all.text()).trimEnd().split('\n');
  const ids = new Set(lines.map((line) => (JSON.parse(line) as { span_id: string }).span_id));
  expect(ids.size).toBe(1_200);
  const some = await served.call('GET', `${base}/spans?limit=7`, { headers });
  expect((await some.text()).trimEnd().split('\n')).toHaveLength(7);
});

test('every list gives NDJSON, one item a line, which are those of its pages', async () => {
  const lists = routes.filter(({ streams }) => 'application/x-ndjson' in streams);
  expect(lists.map(({ path }) => path)).toEqual(
    expect.arrayContaining(['/tasks', '/patterns', '/experiments', '/adaptations', '/looks']),
  );
  await served.evolution.store.storePattern(makePattern());
  for (const { path, streams } of lists.filter((list) => !list.path.includes('{'))) {
    const query = path === '/tags' ? '?tags=x' : '';
    const headers = { accept: 'application/x-ndjson' };
    const answer = await served.call('GET', base + path + query, { headers });
    expect([path, answer.status, answer.headers.get('content-type')]).toEqual([
      path,
      200,
      'application/x-ndjson',
    ]);
    const lines = (await answer.text()).split('\n').filter(Boolean);
    for (const line of lines.slice(0, 3)) {
      expectDocument(streams['application/x-ndjson']!, JSON.parse(line));
    }
    const page = await served.call('GET', base + path + query);
    const { items, patterns } = (await page.json()) as { items?: unknown[]; patterns?: unknown[] };
    const first = items ?? patterns;
    expect(lines.slice(0, first!.length).map((line) => JSON.parse(line) as unknown)).toEqual(first);
  }
});

test('an unchanged resource is a 304 without a body', async () => {
  const path = `${base}/spans/0af7651916cd43dd8448eb211c80319c:0000000000000001`;
  const first = await served.call('GET', path);
  const etag = first.headers.get('etag')!;
  const again = await served.call('GET', path, { headers: { 'if-none-match': `W/${etag}` } });
  expect(again.status).toBe(304);
  expect(await again.text()).toBe('');
});

test('what is sent by hand is redacted like what comes by OTLP', async () => {
  const answer = await served.call('POST', `${base}/spans`, { body: span(5_000) });
  expect(answer.status).toBe(201);
  expect(await answer.text()).not.toContain('secret words');
});

test('a bad span refuses itself only, with the reason and the hint', async () => {
  const spans = [span(6_001), span(6_002, { start_time_unix_nano: 1700000000000 }), span(6_003)];
  const answer = await served.call('POST', `${base}/spans/batch`, { body: { spans } });
  expect(answer.status).toBe(207);
  expect(await answer.json()).toMatchObject({
    stored: 2,
    refused: 1,
    items: [
      { outcome: 'stored' },
      { outcome: 'refused', hint: 'If it is in milliseconds, write 1700000000000000000.' },
      { outcome: 'stored' },
    ],
  });
});

test('start_time in milliseconds is refused with what to send', async () => {
  const { start_time_unix_nano: _, ...rest } = span(7_000);
  const body = { ...rest, start_time: 1700000000000 };
  const answer = await served.call('POST', `${base}/spans`, { body });
  expect(answer.status).toBe(400);
  expect(await answer.json()).toMatchObject({
    hint: 'Send start_time_unix_nano: nanoseconds since 1970 (milliseconds × 1,000,000).',
  });
});

test('an integer time keeps all its digits', async () => {
  const text = JSON.stringify(span(8_000)).replace('"1700000000000000001"', '1700000000000000001');
  const answer = await served.call('POST', `${base}/spans`, { body: text });
  expect(await answer.json()).toMatchObject({ start_time_unix_nano: '1700000000000000001' });
});

test('a status that cannot follow is a 409', async () => {
  const tasks = `${base}/tasks`;
  await served.call('POST', tasks, { body: { id: 'done', status: 'completed' } });
  const answer = await served.call('PATCH', `${tasks}/done`, { body: { status: 'running' } });
  expect(answer.status).toBe(409);
  expect(await answer.json()).toMatchObject({ code: 'illegal_transition' });
});

test('a reward may come before what it judges', async () => {
  const body = { execution_id: 'later', value: 0.5 };
  const answer = await served.call('POST', `${base}/rewards`, { body });
  expect(await answer.json()).toMatchObject({ value: 0.5, resolved: false });
});

test('a reward by attributes waits for the span that carries them', async () => {
  const body = { id: 'by-query', attributes: { 'operation.id': 'op-7' }, value: 0.25 };
  expect((await served.call('POST', `${base}/rewards`, { body })).status).toBe(201);
  const before = await served.call('GET', `${base}/rewards/by-query`);
  expect(await before.json()).toMatchObject({ resolved: false });
  const attributes = { 'gen_ai.operation.name': 'chat', 'operation.id': 'op-7' };
  await served.call('POST', `${base}/spans`, { body: span(9_000, { attributes }) });
  const after = await served.call('GET', `${base}/rewards/by-query`);
  expect(await after.json()).toMatchObject({ resolved: true, value: 0.25 });
});

test('a page of a listed origin may send a reward, and nothing else', async () => {
  const headers = { origin: 'https://chat.example' };
  const preflight = await served.call('OPTIONS', `${base}/rewards`, { headers, scope: null });
  expect(preflight.status).toBe(204);
  const body = { task_id: 'done', value: 1 };
  const answer = await served.call('POST', `${base}/rewards`, { headers, body, scope: 'ingest' });
  expect(answer.status).toBe(201);
  expect(answer.headers.get('access-control-allow-origin')).toBe('https://chat.example');
  const wrong = await served.call('POST', `${base}/rewards`, { headers, body: { value: 2 } });
  expect(wrong.status).toBe(400);
  expect(wrong.headers.get('access-control-allow-origin')).toBe('https://chat.example');
  const read = await served.call('GET', `${base}/rewards`, { headers });
  expect(read.headers.has('access-control-allow-origin')).toBe(false);
  const stranger = { origin: 'https://evil.example' };
  const refused = await served.call('OPTIONS', `${base}/rewards`, { headers: stranger });
  expect(refused.status).toBe(403);
});

test('a cursor that was changed is a 400 or another place, never a failure', async () => {
  const page = await served.call('GET', `${base}/spans?limit=2`);
  const { next_cursor: cursor } = (await page.json()) as { next_cursor: string };
  for (let at = 0; at < cursor.length; at += 1) {
    const changed = cursor.slice(0, at) + (cursor[at] === 'A' ? 'B' : 'A') + cursor.slice(at + 1);
    const path = `${base}/spans?limit=2&cursor=${encodeURIComponent(changed)}`;
    expect([200, 400]).toContain((await served.call('GET', path)).status);
  }
  expect((await served.call('GET', `${base}/spans?cursor=${cursor.slice(1)}`)).status).toBe(400);
  expect(served.errors).toEqual([]);
});

test.each([
  ['GET', '/tasks/%27%20OR%201%3D1--'],
  ['GET', '/tasks/%00'],
  ['GET', '/tasks/..%2F..%2Fetc%2Fpasswd'],
  ['GET', '/spans?tool=%27%3B%20DROP%20TABLE%20spans%3B--'],
  ['GET', '/spans?attribute.%27%22%3B=%00'],
  ['GET', '/spans?tags=%25_&tag_match=prefix'],
  ['GET', '/patterns/%25'],
  ['GET', '/spans/%ff'],
  ['GET', '/spans?__proto__=x'],
  ['GET', '/tasks?limit=9999999999'],
])('hostile %s %s is no 5xx', async (method, path) => {
  const answer = await served.call(method, `${base}${path}`);
  expect(answer.status).toBeLessThan(500);
  if (answer.status >= 400) expectDocument(problemSchema, await answer.json());
  expect(served.errors).toEqual([]);
});

test.each([
  [415, { 'content-type': 'text/plain' }, '{}'],
  [415, { 'content-encoding': 'br' }, '{}'],
  [400, {}, '{"a":'],
  [400, {}, ''],
  [400, {}, '['.repeat(1_000)],
  [413, {}, ' '.repeat(16 * 1024 * 1024 + 1)],
])('a body that is not read: %d for %j', async (status, headers, body) => {
  const answer = await served.call('POST', `${base}/tasks`, { headers, body });
  expect(answer.status).toBe(status);
  expectDocument(problemSchema, await answer.json());
});

test('a method that a path does not take is a 405 that says which it takes', async () => {
  const answer = await served.call('DELETE', `${base}/tasks`);
  expect(answer.status).toBe(405);
  expect(answer.headers.get('allow')).toBe('POST, GET');
});
