import type { Evolution, SpanHandle } from '../index';
import { linkReward } from '../index';
import type { ModelEndpoint } from './chat-completions';
import { evaluateAnswer } from './evaluate';
import type { Knobs } from './knobs';
import { answerWithModel } from './model-agent';
import { answerQuestion } from './package-agent';
import { createPackageTools, type PackageTools } from './package-tools';
import type { PackageTask } from './questions';
import type { ToolCosts } from './traced-tools';
import { traceTools } from './traced-tools';

export interface TaskAgent {
  readonly evolution: Evolution;
  /** With one, a language model chooses the tools. @defaultValue none */
  readonly model?: ModelEndpoint | null | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface TaskRun {
  readonly task: PackageTask;
  readonly attempt: number;
  readonly replication: number;
  readonly knobs: Knobs;
  /** Of the knobs, where they were drawn. */
  readonly propensities?: Readonly<Record<string, number>> | undefined;
  /** Besides what is known of the task: what the run was exposed to. */
  readonly attributes?: Readonly<Record<string, string | number | boolean>> | undefined;
  /** What the world makes of the tools. @defaultValue nothing */
  readonly changeTools?: ((tools: PackageTools) => PackageTools) | undefined;
}

export interface JudgedRun extends TaskRun {
  /** The run's root span. */
  readonly span: SpanHandle;
  /** 0..1; `null` where the run ended in an error. */
  readonly accuracy: number | null;
  readonly costs: ToolCosts;
}

/** The name that the agent goes by, as its id. */
export function agentName({ model }: TaskAgent): string {
  return model == null ? 'package-agent' : 'package-agent-with-model';
}

/** One execution: the agent answers, and the harness compares with the manifest. */
export async function runTask(run: TaskRun, agent: TaskAgent): Promise<JudgedRun> {
  const { task, attempt, replication, knobs, propensities } = run;
  const { evolution, model, signal } = agent;
  const { changeTools = (tools: PackageTools) => tools } = run;
  const tools = traceTools(changeTools(createPackageTools(task.package.folder)), evolution.tracker);
  const question = { type: task.type, text: task.text, packageName: task.package.name };
  const name = agentName(agent);
  let span: SpanHandle | undefined;
  let accuracy: number | null = null;
  try {
    const answer = await evolution.tracker.withExecution(
      {
        attempt,
        replication,
        config: { ...knobs },
        ...(propensities !== undefined && { propensities }),
        agent: { id: name, name, version: '1', type: 'package-agent' },
        attributes: { ...task.facts, ...run.attributes },
      },
      (root) => {
        span = root;
        return model == null
          ? answerQuestion(question, knobs, tools)
          : answerWithModel(question, knobs, tools, model, evolution.tracker, signal);
      },
    );
    accuracy = evaluateAnswer(task.truth, answer);
  } catch (error) {
    // The run's own span says what went wrong; the other runs go on.
    if (span === undefined || model == null) throw error;
  }
  if (span === undefined) throw new Error('the run has no root span');
  return { ...run, span, accuracy, costs: tools.costs() };
}

/** What a call costs beside the bytes it reads, and the cost at which thrift is one half; bytes. */
const CALL_BYTES = 2_048;
const HALF_THRIFT_BYTES = 65_536;

/** Says how a run went; `false` where there is nothing to say. */
export async function judge({ span, accuracy, costs }: JudgedRun): Promise<boolean> {
  if (accuracy === null) return false;
  const cost = costs.bytesRead + CALL_BYTES * costs.calls;
  await linkReward(span, {
    value: accuracy,
    dimensions: { thrift: 1 / (1 + cost / HALF_THRIFT_BYTES) },
    source: 'code',
    evaluator: 'manifest-check',
  });
  return true;
}
