import { createEvolution, type SpanRecord } from '../../src/index';
import type { Attributes } from '../../src/model/attributes';
import { attributes, makeSpan, spanId, traceId } from '../support/make-span';
import { newDatabaseFile } from '../support/stored-bytes';

// The table of SECURITY.md, row by row, against what is in the database's file.

type Fate = 'kept' | 'dropped' | 'masked';

interface Row {
  /** As in SECURITY.md. */
  readonly what: string;
  /** The text that is looked for, and the span that says it. */
  readonly text: string;
  readonly span: (text: string) => Partial<SpanRecord>;
  readonly byDefault: Fate;
  readonly captured: Fate;
}

const say = (values: Attributes): Partial<SpanRecord> => ({ attributes: attributes(values) });
const llm = { 'gen_ai.operation.name': 'chat' };
const tool = { 'gen_ai.operation.name': 'execute_tool' };
const long = (text: string): string =>
  `${text} ${'and then some more words of the customer '.repeat(4)}`;
const secret = 'sk-proj-abcdefgh1234567890ab';

const rows: readonly Row[] = [
  {
    what: 'names: span',
    text: 'plain-span-name',
    span: (name) => ({ name }),
    byDefault: 'kept',
    captured: 'kept',
  },
  {
    what: 'names: model',
    text: 'plain-model',
    span: (text) => say({ ...llm, 'gen_ai.request.model': text }),
    byDefault: 'kept',
    captured: 'kept',
  },
  {
    what: 'numbers, under any key',
    text: '87654321',
    span: (text) => say({ ...llm, 'acme.some.number': Number(text) }),
    byDefault: 'kept',
    captured: 'kept',
  },
  {
    what: 'prompts and messages',
    text: 'said-in-prompt',
    span: (text) => say({ ...llm, 'gen_ai.input.messages': text }),
    byDefault: 'dropped',
    captured: 'kept',
  },
  {
    what: 'answers of another framework',
    text: 'said-in-answer',
    span: (text) => say({ ...llm, 'mlflow.spanOutputs': text }),
    byDefault: 'dropped',
    captured: 'kept',
  },
  {
    what: 'tool arguments',
    text: 'said-to-tool',
    span: (text) => say({ ...tool, 'gen_ai.tool.call.arguments': text }),
    byDefault: 'dropped',
    captured: 'kept',
  },
  {
    what: 'long text under a key that nobody knows',
    text: 'long-unknown',
    span: (text) => say({ ...llm, 'acme.note': long(text) }),
    byDefault: 'dropped',
    captured: 'kept',
  },
  {
    what: 'short text under such keys',
    text: 'short-unknown',
    span: (text) => say({ ...llm, 'acme.note': text }),
    byDefault: 'kept',
    captured: 'kept',
  },
  {
    what: 'any text under them on other spans',
    text: 'other-span',
    span: (text) => say({ 'acme.note': long(text) }),
    byDefault: 'kept',
    captured: 'kept',
  },
  {
    what: 'SQL statements',
    text: 'said_in_sql',
    span: (text) => say({ 'db.query.text': `SELECT ${text}` }),
    byDefault: 'dropped',
    captured: 'kept',
  },
  {
    what: 'configuration and its knobs',
    text: 'plain-knob',
    span: (text) => say({ 'task.id': 't', 'evolution.config.mode': text }),
    byDefault: 'kept',
    captured: 'kept',
  },
  {
    what: 'status messages',
    text: 'plain-status',
    span: (message) => ({ status: { code: 2, message } }),
    byDefault: 'kept',
    captured: 'kept',
  },
  {
    what: 'status messages with a secret',
    text: `${secret}01`,
    span: (text) => ({ status: { code: 2, message: `401 for ${text}` } }),
    byDefault: 'masked',
    captured: 'masked',
  },
  {
    what: 'exception messages with a secret',
    text: `${secret}02`,
    span: (text) => ({ events: [exception(`no ${text}`)] }),
    byDefault: 'masked',
    captured: 'masked',
  },
  {
    what: 'span names with a secret',
    text: `${secret}03`,
    span: (text) => ({ name: `call ${text}` }),
    byDefault: 'masked',
    captured: 'masked',
  },
  {
    what: 'URLs with a query string',
    text: 'hunter2-in-url',
    span: (text) => say({ 'url.full': `https://x.example/?password=${text}&page=2` }),
    byDefault: 'masked',
    captured: 'masked',
  },
  {
    what: 'content with a secret',
    text: `${secret}04`,
    span: (text) => say({ ...llm, 'gen_ai.input.messages': `use ${text}` }),
    byDefault: 'dropped',
    captured: 'masked',
  },
  {
    what: 'resource attributes',
    text: 'plain-host',
    span: (text) => ({
      resource: { ...makeSpan().resource, attributes: attributes({ 'host.name': text }) },
    }),
    byDefault: 'kept',
    captured: 'kept',
  },
];

function exception(message: string): SpanRecord['events'][number] {
  const said = attributes({ 'exception.message': message });
  return { name: 'exception', timeUnixNano: 1n, attributes: said, droppedAttributesCount: 0 };
}

describe.each([
  ['by default', false, (row: Row) => row.byDefault],
  ['with captureContent', true, (row: Row) => row.captured],
] as const)('%s', (_, captureContent, fateOf) => {
  let stored: string;
  beforeAll(async () => {
    const database = newDatabaseFile();
    const evolution = await createEvolution({ databaseUrl: database.url, captureContent });
    const spans = rows.map(({ text, span }, n) =>
      makeSpan({ traceId: traceId(n + 1), spanId: spanId(n + 1), ...span(text) }),
    );
    const { refused } = await evolution.sink.accept({ spans });
    expect(refused).toEqual([]);
    await evolution.close();
    stored = database.stored();
  });

  test.each(rows.map((row) => [`${row.what}: ${fateOf(row)}`, row] as const))(
    '%s',
    (_name, row) => {
      expect(stored.includes(row.text)).toBe(fateOf(row) === 'kept');
    },
  );
});
