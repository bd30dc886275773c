import { completeChat, type ModelEndpoint } from '../../src/demo/chat-completions';
import { readServerSentEvents } from '../../src/demo/server-sent-events';
import { completionChunks, startChatServer, streamEvents, type ChatServer } from './chat-server';

let server: ChatServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

function endpoint(): ModelEndpoint {
  return { baseUrl: `${server?.baseUrl ?? ''}/`, apiKey: 'sk-test', model: 'tiny' };
}

const tool = { name: 'read_file', description: 'Reads.', parameters: { type: 'object' } };

test.each([
  ['whole', 1e6, '\n'],
  ['in pieces of seven bytes', 7, '\n'],
  ['in single bytes with CRLF', 1, '\r\n'],
])('a streamed text with its usage, %s', async (_, pieceBytes, lineEnd) => {
  const deltas = [{ content: 'Grüße, ' }, { content: 'Ŵ' }, { content: 'elt 🌍' }];
  server = await startChatServer((_request, response) =>
    streamEvents(response, completionChunks(deltas, 'stop'), { pieceBytes, lineEnd }),
  );
  expect(await completeChat(endpoint(), [{ role: 'user', content: 'hi' }], [tool])).toEqual({
    content: 'Grüße, Ŵelt 🌍',
    toolCalls: [],
    finishReason: 'stop',
    model: 'tiny-2026',
    inputTokens: 11,
    outputTokens: 5,
  });
  const [request] = server.requests;
  expect(request?.headers.authorization).toBe('Bearer sk-test');
  expect(request?.body).toEqual({
    model: 'tiny',
    messages: [{ role: 'user', content: 'hi' }],
    tools: [{ type: 'function', function: tool }],
    stream: true,
    stream_options: { include_usage: true },
  });
});

test('parallel tool calls whose arguments come interleaved and in pieces', async () => {
  const call = (index: number, name: string, id: string): object => ({
    index,
    id,
    type: 'function',
    function: { name, arguments: '' },
  });
  const piece = (index: number, text: string): object => ({ index, function: { arguments: text } });
  const deltas = [
    { tool_calls: [call(0, 'read_file', 'call_a')] },
    { tool_calls: [piece(0, '{"pa')] },
    { tool_calls: [call(1, 'search', 'call_b')] },
    { tool_calls: [piece(1, '{"text":'), piece(0, 'th":"a.js"}')] },
    { tool_calls: [piece(1, '"x"}')] },
  ];
  server = await startChatServer((_request, response) =>
    streamEvents(response, completionChunks(deltas, 'tool_calls'), { pieceBytes: 13 }),
  );
  const { toolCalls, finishReason } = await completeChat(endpoint(), [], [tool]);
  expect(finishReason).toBe('tool_calls');
  expect(toolCalls).toEqual([
    { id: 'call_a', name: 'read_file', arguments: '{"path":"a.js"}' },
    { id: 'call_b', name: 'search', arguments: '{"text":"x"}' },
  ]);
});

test('messages go back in the form of the protocol', async () => {
  server = await startChatServer((_request, response) =>
    streamEvents(response, completionChunks([{ content: 'ok' }], 'stop')),
  );
  const toolCalls = [{ id: 'call_a', name: 'read_file', arguments: '{}' }];
  await completeChat(
    endpoint(),
    [
      { role: 'assistant', content: '', toolCalls },
      { role: 'tool', toolCallId: 'call_a', content: 'text' },
    ],
    [],
  );
  expect(server.requests[0]?.body.messages).toEqual([
    {
      role: 'assistant',
      content: '',
      tool_calls: [
        { id: 'call_a', type: 'function', function: { name: 'read_file', arguments: '{}' } },
      ],
    },
    { role: 'tool', tool_call_id: 'call_a', content: 'text' },
  ]);
});

test('a refusal says what the server said', async () => {
  server = await startChatServer((_request, response) => {
    response.writeHead(401).end('{"error":{"message":"wrong key"}}');
  });
  await expect(completeChat(endpoint(), [], [])).rejects.toThrow(/answered 401: .*wrong key/);
});

test('a stream that breaks off, fails or holds no JSON is an error', async () => {
  let body = '';
  server = await startChatServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).end(body);
  });
  const complete = (): Promise<unknown> => completeChat(endpoint(), [], []);
  body = 'data: {"choices":[{"index":0,"delta":{"content":"half"}}]}\n\n';
  await expect(complete()).rejects.toThrow('broke off');
  body = 'data: {"error":{"message":"overloaded"}}\n\n';
  await expect(complete()).rejects.toThrow('the model failed: overloaded');
  body = 'data: <html>\n\n';
  await expect(complete()).rejects.toThrow('holds no JSON');
  body = 'data: 7\n\n';
  await expect(complete()).rejects.toThrow('holds no object');
});

test('an aborted signal ends the request', async () => {
  server = await startChatServer(() => undefined);
  const abort = new AbortController();
  const pending = completeChat(endpoint(), [], [], abort.signal);
  setTimeout(() => abort.abort(), 20);
  await expect(pending).rejects.toMatchObject({ name: 'AbortError' });
});

test('events of several lines, comments, and a last one without an end', async () => {
  const text = ': comment\r\nevent: x\r\ndata: one\r\ndata:two\r\n\r\n\ndata: three';
  const events: string[] = [];
  for await (const data of readServerSentEvents(new Blob([text]).stream())) events.push(data);
  expect(events).toEqual(['one\ntwo', 'three']);
});
