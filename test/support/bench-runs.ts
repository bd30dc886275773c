import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { ClosedExecution, ExecutionStep } from '../../src/model/learning';
import { dataDir } from './data-dir';
import { makeExecution } from './make-execution';

// Real runs as closed executions, straight from the files: what the learner's own tests read.

/** The 200 gpt-4o runs of tau-bench airline, 50 tasks with four trials each. */
export function readTauBenchRuns(): ClosedExecution[] {
  const runs = readGzipJson(join(dataDir, 'tau-bench', 'gpt-4o-airline.json.gz')) as TauRun[];
  return runs.map((run, index) =>
    executionOf({
      id: `tau:${run.task_id}:${run.trial}`,
      taskId: `tau-bench:airline:${run.task_id}`,
      agentId: 'tool-calling/gpt-4o',
      replication: run.trial,
      reward: run.reward,
      calls: callsOf(run.traj, (message) => (message.content ?? '').startsWith('Error')),
      index,
    }),
  );
}

/** The 344 runs of seven agents on tau2-bench's airline tasks. */
export function readTau2AirlineRuns(): ClosedExecution[] {
  return readTau2Runs(/^airline\..*\.json\.gz$/, 'airline');
}

/** gpt-4.1, or the model that was fine-tuned from it, on the same tasks of a domain. */
export function readTau2AbRuns(
  domain: 'telecom' | 'airline',
  model: 'gpt-4.1' | 'gpt-4.1-sft',
): ClosedExecution[] {
  return readTau2Runs(
    new RegExp(`^ab_${domain}\\.${model.replace('.', '\\.')}\\.json\\.gz$`),
    domain,
  );
}

function readTau2Runs(names: RegExp, domain: string): ClosedExecution[] {
  const folder = join(dataDir, 'tau2-bench');
  const files = readdirSync(folder)
    .filter((name) => names.test(name))
    .sort();
  let index = 0;
  return files.flatMap((file) => {
    const { info, tasks, simulations } = readGzipJson(join(folder, file)) as Tau2File;
    const hashes = new Map(tasks.map((task) => [task.id, taskHash(task)]));
    return simulations.map((simulation) =>
      executionOf({
        id: simulation.id,
        taskId: `tau2:${domain}:${simulation.task_id}:${hashes.get(simulation.task_id) ?? ''}`,
        agentId: `${info.agent_info.implementation}/${info.agent_info.llm}`,
        replication: Number(simulation.trial),
        reward: simulation.reward_info.reward,
        calls: callsOf(simulation.messages, (message) => message.error === true),
        index: index++,
      }),
    );
  });
}

interface TauMessage {
  readonly role: string;
  readonly content: string | null;
  readonly error?: boolean;
  readonly id?: string;
  readonly tool_call_id?: string;
  readonly tool_calls?:
    | readonly {
        readonly id: string;
        readonly name?: string;
        readonly arguments?: unknown;
        readonly function?: { readonly name: string; readonly arguments: string };
      }[]
    | null;
}

interface TauRun {
  readonly task_id: number;
  readonly trial: number;
  readonly reward: number;
  readonly traj: readonly TauMessage[];
}

interface Tau2Task {
  readonly id: string;
  readonly user_scenario: unknown;
  readonly initial_state: unknown;
  readonly evaluation_criteria: unknown;
}

interface Tau2File {
  readonly info: {
    readonly agent_info: { readonly implementation: string; readonly llm: string };
  };
  readonly tasks: readonly Tau2Task[];
  readonly simulations: readonly {
    readonly id: string;
    readonly task_id: string;
    readonly trial: number;
    readonly reward_info: { readonly reward: number };
    readonly messages: readonly TauMessage[];
  }[];
}

interface Call {
  readonly tool: string;
  readonly argumentsHash: string;
  error: boolean;
}

/** Tool calls in order; a tool message belongs to the latest call of its id. */
function callsOf(
  messages: readonly TauMessage[],
  failed: (message: TauMessage) => boolean,
): readonly Call[] {
  const calls: Call[] = [];
  const latest = new Map<string, Call>();
  for (const message of messages) {
    for (const call of message.tool_calls ?? []) {
      const made: Call = {
        tool: call.name ?? call.function?.name ?? '',
        argumentsHash: sha256(JSON.stringify(call.arguments ?? call.function?.arguments)),
        error: false,
      };
      calls.push(made);
      latest.set(call.id, made);
    }
    if (message.role !== 'tool') continue;
    const call = latest.get(message.tool_call_id ?? message.id ?? '');
    if (call !== undefined && failed(message)) call.error = true;
  }
  return calls;
}

function executionOf(run: {
  readonly id: string;
  readonly taskId: string;
  readonly agentId: string;
  readonly replication: number;
  readonly reward: number;
  readonly calls: readonly Call[];
  readonly index: number;
}): ClosedExecution {
  const traceId = sha256(run.id);
  const start = 1_700_000_000_000_000_000n + BigInt(run.index) * 1_000_000_000n;
  const spanId = (n: number): string => (n + 1).toString(16).padStart(16, '0');
  const steps = run.calls.map((call, i): ExecutionStep => ({
    traceId,
    spanId: spanId(i + 1),
    parentSpanId: spanId(0),
    name: `execute_tool ${call.tool}`,
    role: 'tool',
    tool: call.tool,
    model: null,
    error: call.error,
    errorType: null,
    toolArgumentsHash: call.argumentsHash,
    requestor: null,
    startTimeUnixNano: start + BigInt(i + 1) * 1_000_000n,
    endTimeUnixNano: start + BigInt(i + 2) * 1_000_000n,
  }));
  return makeExecution(run.index, {
    id: run.id,
    taskId: run.taskId,
    taskType: 'airline',
    replication: run.replication,
    agent: { id: run.agentId, name: null, version: null, type: null },
    rootSpan: { traceId, spanId: spanId(0) },
    rootStartTimeUnixNano: start,
    outcome: { reward: run.reward },
    steps,
  });
}

function taskHash({ user_scenario, initial_state, evaluation_criteria }: Tau2Task): string {
  return sha256(JSON.stringify([user_scenario, initial_state, evaluation_criteria]));
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}

function readGzipJson(path: string): unknown {
  return JSON.parse(gunzipSync(readFileSync(path)).toString('utf8'));
}
