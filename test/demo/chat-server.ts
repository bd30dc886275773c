import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** The body of a chat completions request, as far as tests look at it. */
export interface ChatRequest {
  readonly model: string;
  readonly stream: boolean;
  readonly stream_options: { readonly include_usage: boolean };
  readonly tools: readonly {
    readonly type: string;
    readonly function: { readonly name: string };
  }[];
  readonly messages: readonly {
    readonly role: string;
    readonly content: string;
    readonly tool_call_id?: string;
    readonly tool_calls?: readonly { readonly id: string; readonly type: string }[];
  }[];
}

export interface ChatServer {
  readonly baseUrl: string;
  readonly requests: readonly {
    readonly headers: IncomingMessage['headers'];
    readonly body: ChatRequest;
  }[];
  close(): Promise<void>;
}

/** A local server of the chat completions protocol; `answer` writes what a model would stream. */
export async function startChatServer(
  answer: (request: ChatRequest, response: ServerResponse) => void | Promise<void>,
): Promise<ChatServer> {
  const requests: { headers: IncomingMessage['headers']; body: ChatRequest }[] = [];
  const server = createServer((request, response) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      if (request.method !== 'POST' || request.url !== '/v1/chat/completions') {
        response.writeHead(404).end();
        return;
      }
      const body = JSON.parse(Buffer.concat(chunks).toString('utf8')) as ChatRequest;
      requests.push({ headers: request.headers, body });
      await answer(body, response);
    })();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    baseUrl: `http://127.0.0.1:${port}/v1`,
    requests,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

interface Delta {
  readonly content?: string;
  readonly tool_calls?: readonly object[];
}

/** The chunks that OpenAI's API sends: a role, the deltas, the reason to stop, the usage. */
export function completionChunks(
  deltas: readonly Delta[],
  finishReason: string,
): readonly object[] {
  const common = {
    id: 'chatcmpl-1',
    object: 'chat.completion.chunk',
    created: 1,
    model: 'tiny-2026',
  };
  const choice = (delta: object, reason: string | null): object => ({
    ...common,
    choices: [{ index: 0, delta, logprobs: null, finish_reason: reason }],
    usage: null,
  });
  return [
    choice({ role: 'assistant', content: null }, null),
    ...deltas.map((delta) => choice(delta, null)),
    choice({}, finishReason),
    {
      ...common,
      choices: [],
      usage: { prompt_tokens: 11, completion_tokens: 5, total_tokens: 16 },
    },
  ];
}

/** Streams chunks as server-sent events, cut into pieces of `pieceBytes` whatever stands there. */
export async function streamEvents(
  response: ServerResponse,
  chunks: readonly object[],
  { pieceBytes = 1e6, lineEnd = '\n' }: { pieceBytes?: number; lineEnd?: string } = {},
): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
  const events = [...chunks.map((chunk) => JSON.stringify(chunk)), '[DONE]'];
  const bytes = Buffer.from(events.map((data) => `data: ${data}${lineEnd}${lineEnd}`).join(''));
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    response.write(bytes.subarray(at, at + pieceBytes));
    await new Promise(setImmediate);
  }
  response.end();
}
