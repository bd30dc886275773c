type JsonObject = { [key: string]: unknown };

const otlpRequest = 'https://opentelemetry.io/docs/specs/otlp/#otlphttp-request';

/** What `serve` answers beside the API: OTLP/HTTP, probes, and figures for Prometheus. */
export function serverPaths(problem: JsonObject): Record<string, JsonObject> {
  const refused = (description: string): JsonObject => ({
    description,
    content: { 'application/problem+json': { schema: problem } },
  });
  const guarded = {
    401: refused('A token is needed, or the one that came is not good.'),
    403: refused('The token lacks the scope, or the request comes from elsewhere.'),
  };
  const away = refused('The database is away.');
  return {
    '/v1/traces': { post: otlpOperation('traces', 'Spans of an OTLP exporter.', guarded) },
    '/v1/logs': { post: otlpOperation('logs', 'Evaluation events of an OTLP exporter.', guarded) },
    '/healthz': {
      get: {
        ...operation('isAlive', 'Whether the process answers, and what runs here.'),
        description: 'Needs no token.',
        security: [],
        responses: {
          200: json('It does.', { status: 'ok', version: '0.1.0' }),
          '4XX': refused('Not expected.'),
        },
      },
    },
    '/readyz': {
      get: {
        ...operation('isReady', 'Whether the database takes and gives rows.'),
        description: 'Needs the scope `read`.',
        responses: { 200: json('It does.', { status: 'ready' }), ...guarded, 503: away },
      },
    },
    '/metrics': {
      get: {
        ...operation('scrape', 'Figures of this process, for Prometheus.'),
        description: 'Needs the scope `read`.',
        responses: {
          200: {
            description: 'Prometheus text format.',
            content: { 'text/plain': { schema: { type: 'string' } } },
          },
          ...guarded,
          503: away,
        },
      },
    },
  };
}

function operation(operationId: string, summary: string): JsonObject {
  return { operationId, tags: ['Server'], summary };
}

function json(description: string, example: JsonObject): JsonObject {
  return {
    description,
    content: { 'application/json': { schema: { type: 'object', examples: [example] } } },
  };
}

function otlpOperation(signal: 'traces' | 'logs', summary: string, guarded: JsonObject) {
  const message = (text: string): JsonObject => ({
    'application/x-protobuf': { schema: { type: 'string', format: 'binary' } },
    'application/json': { schema: { type: 'object', description: text } },
  });
  const status = (description: string): JsonObject => ({
    description,
    content: message('`google.rpc.Status`.'),
  });
  return {
    ...operation(`export_${signal}`, summary),
    description:
      'OTLP/HTTP, identity or gzip. Needs the scope `ingest`. 200: committed and synced to disk, but for what `partialSuccess` names.',
    externalDocs: { url: otlpRequest },
    requestBody: {
      required: true,
      content: message(`\`Export${signal === 'traces' ? 'Trace' : 'Logs'}ServiceRequest\`.`),
    },
    responses: {
      200: {
        description: 'Stored and durable.',
        content: message(`\`Export${signal === 'traces' ? 'Trace' : 'Logs'}ServiceResponse\`.`),
      },
      400: status('It cannot be decoded.'),
      ...guarded,
      413: status('More than 64 MiB, before or after decompression.'),
      415: status('A type or encoding that is not read here.'),
      429: status('Come again after `Retry-After` seconds.'),
      503: status('Come again after `Retry-After` seconds.'),
    },
  };
}
