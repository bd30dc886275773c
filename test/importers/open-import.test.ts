import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gunzipSync, gzipSync } from 'node:zlib';
import { detectFormat, importFormats, openImport } from '../../src/importers';
import { dataDir, describeWithData } from '../support/data-dir';
import { noOtlp, readRuns, spansOf } from './read-runs';

const run = (trial: number, more: object = {}) => ({
  task_id: 0,
  trial,
  reward: 1,
  traj: [
    { role: 'user', content: 'help' },
    {
      role: 'assistant',
      content: null,
      tool_calls: [{ id: 'a', function: { name: 'look', arguments: '{"x":1}' } }],
    },
    { role: 'tool', tool_call_id: 'a', content: 'Error: none' },
  ],
  ...more,
});

describe('opening a file', () => {
  it('tells gzip by its bytes, whatever the name, and counts the bytes as they are stored', async () => {
    const packed = gzipSync(JSON.stringify([run(0)]));
    let count = 0;
    const options = {
      input: Readable.from([packed.subarray(0, 1), packed.subarray(1)]),
      name: 'runs.json',
      format: 'auto' as const,
      decodeOtlpJson: noOtlp,
      onBytes: (bytes: number) => (count += bytes),
    };
    let spans = 0;
    for await (const read of openImport(options)) spans += read.spans.length;
    expect(spans).toBe(3);
    expect(count).toBe(packed.length);
  });

  it('gives the same runs in chunks of one byte, with a byte order mark, and indented', async () => {
    const runs = [run(0), run(1)];
    const expected = await readRuns(JSON.stringify(runs));
    const single = Readable.from(
      [...Buffer.from(JSON.stringify(runs))].map((b) => Buffer.from([b])),
    );
    expect(await readRuns(single)).toEqual(expected);
    expect(await readRuns(`\ufeff${JSON.stringify(runs, null, 2)}`)).toEqual(expected);
    expect(await readRuns(runs.map((one) => JSON.stringify(one)).join('\r\n'))).toEqual(expected);
  });

  it('keeps the neighbours of a bad record', async () => {
    const text = `[${JSON.stringify(run(0))},{"task_id":0,"trial":1,"traj":[tru]},{"trial":2},${JSON.stringify(run(3))}]`;
    const runs = await readRuns(text);
    expect(runs.map((read) => read.spans.length)).toEqual([3, 0, 0, 3]);
    expect(runs.flatMap((read) => read.refused)).toEqual([
      { where: 'line 1, [1]', reason: expect.stringMatching(/^not JSON: /) as string },
      { where: 'line 1, [2]', reason: 'expected a run with task_id, trial and traj' },
    ]);
  });

  it('closes its input when the reader stops early', async () => {
    const input = Readable.from([Buffer.from(`[${JSON.stringify(run(0))},`), Buffer.from('1]')]);
    for await (const read of openImport({
      input,
      name: 'x',
      format: 'tau-bench',
      decodeOtlpJson: noOtlp,
    })) {
      expect(read.spans).toHaveLength(3);
      break;
    }
    expect(input.destroyed).toBe(true);
  });

  it('passes on an error of the input itself', async () => {
    const input = new Readable({ read: () => undefined });
    input.push(`[${JSON.stringify(run(0))},`);
    setImmediate(() => input.destroy(new Error('disk on fire')));
    await expect(readRuns(input, { format: 'tau-bench' })).rejects.toThrow('disk on fire');
  });
});

describe('telling the format', () => {
  it.each([
    ['otlp-json', '{"resourceSpans":['],
    ['otlp-json', '{"result":{"resourceSpans":['],
    ['tau-bench', '[{"task_id":0,"reward":1,"info":{"task":{"user_id":"x"}},"traj":['],
    ['tau2-bench', '{"timestamp":"t","info":{"git_commit":"c","agent_info":{'],
    ['langfuse', '{"trace":{"id":"t"'],
    ['jaeger', '{"data":[{"traceID":"a","spans":['],
    ['zipkin', '[{"traceId":"a","id":"b"'],
    ['zipkin', '[[{"traceId":"a","id":"b"'],
  ])('%s: %s', (format, head) => {
    expect(detectFormat(Buffer.from(head))).toBe(format);
  });

  it.each([
    ['', 'there is nothing in it'],
    ['PK\u0003\u0004', 'expected JSON, found "PK'],
    ['{"hello":{"world":1}}', 'it is JSON with .hello, .hello.world'],
    ['[1,2]', 'it is JSON without keys'],
  ])('says of %j what was found and which formats there are', (head, found) => {
    const error = caught(() => detectFormat(Buffer.from(head)));
    expect(error).toMatchObject({
      code: 'format_unknown',
      message: expect.stringContaining(found) as string,
      hint: expect.stringContaining(importFormats.join(', ')) as string,
    });
  });

  it('takes a format that is named at its word', async () => {
    const runs = await readRuns('{"hello":1}', { format: 'zipkin' });
    expect(runs.flatMap((read) => read.refused)).toEqual([
      { where: 'line 1', reason: 'expected [][] or [], found none' },
    ]);
  });
});

function caught(action: () => unknown): unknown {
  try {
    return action();
  } catch (error) {
    return error;
  }
}

describeWithData('a tau2-bench file', () => {
  const packed = () => readFileSync(join(dataDir, 'tau2-bench', 'ab_airline.gpt-4.1.json.gz'));

  it('gives the same records in every import', async () => {
    const [first, again] = [
      await readRuns(Readable.from([packed()])),
      await readRuns(Readable.from([packed()])),
    ];
    expect(spansOf(again)).toEqual(spansOf(first));
  });

  it('that breaks off keeps the runs before the break, with one refusal', async () => {
    const text = gunzipSync(packed());
    const runs = await readRuns(Readable.from([text.subarray(0, text.length * 0.9)]));
    const whole = runs.filter((read) => read.spans.length > 0);
    expect(whole.length).toBeGreaterThan(10);
    expect(whole.length).toBeLessThan(20);
    expect(runs.flatMap((read) => read.refused)).toEqual([
      { where: `line 1, simulations[${whole.length}]`, reason: 'the document ends in the middle' },
    ]);
  });

  it('with simulations before their tasks says so', async () => {
    const { simulations, ...rest } = JSON.parse(gunzipSync(packed()).toString()) as {
      simulations: object[];
    };
    const text = JSON.stringify({ simulations: simulations.slice(0, 1), ...rest });
    const runs = await readRuns(text, { format: 'tau2-bench' });
    expect(runs.flatMap((read) => read.refused)).toEqual([
      {
        where: 'line 1, simulations[0]',
        reason: 'expected info and tasks before simulations',
      },
    ]);
  });
});
