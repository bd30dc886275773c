import { z } from 'zod';
import { problemSchema } from '../../wire';
import examples from './examples.json';
import type { Route } from './route';
import { serverPaths } from './server-paths';

type JsonObject = { [key: string]: unknown };

export interface DocumentOptions {
  readonly version: string;
  /** Path that everything lies below; empty for none. */
  readonly prefix?: string;
  /** `serve` answers OTLP, probes and Prometheus as well. @defaultValue false */
  readonly server?: boolean;
}

/** The document that tells the routes: OpenAPI 3.1, whose schemas are those that requests are read with. */
export function toOpenApi(
  routes: readonly Route[],
  { version, prefix = '', server = false }: DocumentOptions,
): JsonObject {
  const components = new Components();
  const problem = components.use(problemSchema);
  const paths: Record<string, JsonObject> = server ? serverPaths(problem) : {};
  for (const route of routes) {
    const path = (paths[`/api/v1${route.path}`] ??= {});
    path[route.method] = toOperation(route, components);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'otel-evolution',
      version,
      description:
        'What AI agents did, how it was judged, and what really goes with success. Errors are problem+json (RFC 9457) with a stable `code`.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: prefix === '' ? '/' : prefix }],
    security: [{ token: [] }],
    tags: [...new Set([...routes.map(({ tag }) => tag), ...(server ? ['Server'] : [])])].map(
      (name) => ({ name }),
    ),
    paths,
    components: {
      securitySchemes: {
        token: {
          type: 'http',
          scheme: 'bearer',
          description:
            'A token of `otel-evolution token create`; none is needed where `serve` listens on this machine only.',
        },
      },
      schemas: components.schemas(),
    },
  };
}

function toOperation(route: Route, components: Components): JsonObject {
  const parameters = [
    ...toParameters(route.params, 'path', components),
    ...toParameters(route.query, 'query', components),
  ];
  return {
    operationId: route.id,
    tags: [route.tag],
    summary: route.summary,
    description: `Needs the scope \`${route.scope}\`.`,
    ...(parameters.length > 0 ? { parameters } : undefined),
    ...(route.bodyInDocument === null
      ? undefined
      : {
          requestBody: {
            required: true,
            content: {
              'application/json': { schema: components.use(route.bodyInDocument) },
            },
          },
        }),
    responses: toResponses(route, components),
  };
}

const descriptions: Readonly<Record<number, string>> = {
  200: 'As asked.',
  201: 'Stored and durable.',
  207: 'Some were refused, by name; the others are stored and durable.',
  304: 'Unchanged since the ETag of `If-None-Match`.',
  400: 'Something in the request is not as expected; `detail` says what, `hint` what to do.',
  401: 'A token is needed, or the one that came is not good.',
  403: 'The token lacks the scope, or the request comes from elsewhere.',
  404: 'There is none.',
  409: 'The status cannot follow the present one.',
  413: 'The body is too large.',
  415: 'The body is not of a type that is read here.',
  503: 'The database is away; the same request may succeed after `Retry-After` seconds.',
};

function toResponses(route: Route, components: Components): JsonObject {
  const responses: JsonObject = {};
  for (const [status, schema] of Object.entries(route.answers)) {
    responses[status] = {
      description: descriptions[Number(status)],
      content: { 'application/json': { schema: components.use(schema) } },
    };
  }
  if (Object.keys(route.streams).length > 0) {
    const streams = Object.entries(route.streams).map(([type, schema]) => [
      type,
      { schema: components.use(schema) },
    ]);
    const whole = (responses['200'] ??= { description: descriptions[200] }) as JsonObject;
    whole['content'] = { ...(whole['content'] as JsonObject), ...Object.fromEntries(streams) };
  }
  if (route.etag) responses['304'] = { description: descriptions[304] };
  const body = route.body === null ? [] : [413, 415];
  for (const status of new Set([400, 401, 403, ...route.problems, ...body, 503])) {
    responses[status] = {
      description: descriptions[status],
      content: { 'application/problem+json': { schema: components.use(problemSchema) } },
    };
  }
  return responses;
}

function toParameters(
  schema: z.ZodObject | null,
  place: 'path' | 'query',
  components: Components,
): JsonObject[] {
  return Object.entries(schema?.shape ?? {}).map(([name, part]) => {
    const { description, ...inner } = components.inline(part as z.ZodType);
    const keyed = inner['type'] === 'object';
    return {
      name: keyed ? `${name}.KEY` : name,
      in: place,
      required: place === 'path' || !(part as z.ZodType).safeParse(undefined).success,
      ...(description === undefined ? undefined : { description }),
      schema: keyed ? { type: 'string' } : inner,
      ...(inner['type'] === 'array' ? { style: 'form', explode: true } : undefined),
    };
  });
}

/** Schemas with an id become components; requests and answers of one id are one. */
class Components {
  readonly #known = new Map<string, JsonObject>();

  use(schema: z.ZodType): JsonObject {
    const {
      $defs,
      $schema: _dialect,
      ...root
    } = z.toJSONSchema(schema, {
      // Answers transform nothing; read as input their objects may grow, which clients should allow.
      io: 'input',
      override: ({ zodSchema, jsonSchema }) => {
        replaceOverridden(jsonSchema);
        keepExamples(zodSchema, jsonSchema);
      },
    }) as JsonObject & { $defs?: Record<string, JsonObject> };
    for (const [id, definition] of Object.entries($defs ?? {})) this.#add(id, definition);
    const { id, ...rest } = root as JsonObject & { id?: string };
    if (id === undefined) return toReferences(rest);
    this.#add(id, rest);
    return { $ref: `#/components/schemas/${id}` };
  }

  inline(schema: z.ZodType): JsonObject {
    const json = this.use(schema);
    const [, id] = /^#\/components\/schemas\/(.+)$/.exec(String(json['$ref'])) ?? [];
    return id === undefined ? json : { ...this.#known.get(id) };
  }

  schemas(): JsonObject {
    return Object.fromEntries([...this.#known].sort(([x], [y]) => (x < y ? -1 : 1)));
  }

  #add(id: string, { id: _id, ...definition }: JsonObject): void {
    const recorded = (examples as Readonly<Record<string, unknown>>)[id];
    this.#known.set(id, {
      ...toReferences(definition),
      ...(recorded === undefined || definition['examples'] !== undefined
        ? undefined
        : { examples: [recorded] }),
    });
  }
}

/** What a parameter looks like in the query string, where its schema reads text. */
function replaceOverridden(json: JsonObject): void {
  const override = json['override'] as JsonObject | undefined;
  if (override === undefined) return;
  const { description } = json;
  for (const key of Object.keys(json)) delete json[key];
  Object.assign(json, override, description === undefined ? undefined : { description });
}

/** Zod leaves the examples out where the schema transforms what enters: they are of what is sent. */
function keepExamples(schema: z.core.$ZodType, json: JsonObject): void {
  const kept = z.globalRegistry.get(schema)?.examples;
  if (kept !== undefined) json['examples'] ??= kept;
}

/** `#/$defs/X` → `#/components/schemas/X`. */
function toReferences(json: JsonObject): JsonObject {
  return JSON.parse(
    JSON.stringify(json).replaceAll('"#/$defs/', '"#/components/schemas/'),
  ) as JsonObject;
}
