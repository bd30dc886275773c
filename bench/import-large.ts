/**
 * The most memory the command line needs to import a file that is larger than memory should be: OTLP
 * as JSON lines, and one tau2-bench document, both written here first.
 *
 *   --megabytes N         of the OTLP file (1000); the tau2 document has 0.4 of it
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { AgentTraffic } from '../test/support/agent-traffic';
import { bundleCli } from '../test/support/server-process';
import { toOtlpJson } from '../test/support/to-otlp-json';
import { peakMemoryMibOf } from './measure/process-usage';

const SPANS_PER_LINE = 120;

const { values } = parseArgs({ options: { megabytes: { type: 'string', default: '1000' } } });
const megabytes = Number(values.megabytes);
if (!(megabytes > 0)) throw new Error(`--megabytes: expected a number, got ${values.megabytes}`);

const folder = await mkdtemp(join(tmpdir(), 'otel-evolution-import-'));
const cli = await bundleCli();
try {
  const results = {
    otlpJson: await measure('runs.otlp.jsonl', otlpJsonLines(megabytes * 1e6)),
    tau2Bench: await measure('runs.tau2.json', tau2Document(megabytes * 0.4e6)),
  };
  console.log(JSON.stringify(results));
} finally {
  await cli.remove();
  await rm(folder, { recursive: true, force: true });
}

interface ImportFigures {
  readonly megabytes: number;
  readonly spans: number;
  readonly seconds: number;
  readonly megabytesPerSecond: number;
  readonly peakMemoryMib: number;
}

async function measure(name: string, text: AsyncIterable<string>): Promise<ImportFigures> {
  const file = join(folder, name);
  await pipeline(text, createWriteStream(file));
  const { size } = await stat(file);
  const start = performance.now();
  const child = spawn(
    process.execPath,
    [cli.path, 'import', file, '--json', '--db', `sqlite:${join(folder, `${name}.db`)}`],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    output += chunk;
  });
  const ended = once(child, 'close').then(([code]) => code as number | null);
  let peakMemoryMib = 0;
  let code: number | null | undefined;
  void ended.then((value) => {
    code = value;
  });
  while (code === undefined) {
    // The kernel keeps the peak, so that nothing between two looks is missed.
    peakMemoryMib = Math.max(peakMemoryMib, await peakMemoryMibOf(child.pid!).catch(() => 0));
    await sleep(200);
  }
  if (code !== 0) throw new Error(`import ended with ${code}:\n${output}`);
  const seconds = (performance.now() - start) / 1000;
  const { totals } = JSON.parse(output) as { totals: { spans: number } };
  await rm(file);
  return {
    megabytes: Math.round(size / 1e6),
    spans: totals.spans,
    seconds: Math.round(seconds),
    megabytesPerSecond: Math.round(size / 1e5 / seconds) / 10,
    peakMemoryMib,
  };
}

async function* otlpJsonLines(bytes: number): AsyncIterable<string> {
  const traffic = new AgentTraffic({ seed: 1, spansPerRequest: SPANS_PER_LINE });
  for (let written = 0; written < bytes;) {
    const { body } = await traffic.next();
    const line = `${toOtlpJson(gunzipSync(body))}\n`;
    written += line.length;
    yield line;
  }
}

/** One document of the shape that tau2-bench writes: every simulation has 40 messages. */
async function* tau2Document(bytes: number): AsyncIterable<string> {
  const info = {
    environment_info: { domain_name: 'airline', policy: text(4_000) },
    agent_info: { implementation: 'llm_agent', llm: 'gpt-5.4', llm_args: { temperature: 0 } },
  };
  const tasks = Array.from({ length: 50 }, (_, id) => ({
    id: String(id),
    user_scenario: text(800),
  }));
  const head = `{"info":${JSON.stringify(info)},"tasks":${JSON.stringify(tasks)},"simulations":[`;
  yield head;
  let written = head.length;
  for (let n = 0; written < bytes; n += 1) {
    const simulation = `${n === 0 ? '' : ','}${JSON.stringify(tau2Simulation(n))}`;
    written += simulation.length;
    yield simulation;
  }
  yield ']}';
}

function tau2Simulation(n: number): Record<string, unknown> {
  const time = (second: number): string =>
    new Date(1_790_000_000_000 + (n * 60 + second) * 1000).toISOString();
  const messages = Array.from({ length: 10 }, (_, turn) => {
    const id = `call_${n}_${turn}`;
    const call = { id, name: 'get_reservation_details', arguments: { reservation_id: text(20) } };
    return [
      { role: 'user', content: text(300), timestamp: time(turn * 4) },
      { role: 'assistant', content: null, tool_calls: [call], timestamp: time(turn * 4 + 1) },
      { role: 'tool', id, content: text(1_500), error: false, timestamp: time(turn * 4 + 2) },
      { role: 'assistant', content: text(600), timestamp: time(turn * 4 + 3) },
    ];
  }).flat();
  return {
    id: `simulation-${n}`,
    task_id: String(n % 50),
    trial: Math.floor(n / 50),
    start_time: time(0),
    end_time: time(59),
    termination_reason: 'user_stop',
    reward_info: { reward: n % 2, reward_breakdown: { DB: n % 2 } },
    messages,
  };
}

function text(length: number): string {
  return 'the customer asks whether the flight can be changed '
    .repeat(length / 52 + 1)
    .slice(0, length);
}
