import type { RecordingStore } from '../model/evolution';
import type { Execution } from '../model/task';
import { wilsonInterval } from '../stats';
import type { TaskMetricsJson } from '../wire';

/** Sums over the executions of a task, page by page: memory holds one page and a number per run. */
export async function taskMetrics(
  taskId: string,
  store: Pick<RecordingStore, 'listExecutions'>,
): Promise<TaskMetricsJson> {
  const sums = new Sums();
  let cursor: string | undefined;
  do {
    const page = await store.listExecutions({ taskId, limit: 1000, cursor });
    for (const execution of page.items) sums.add(execution);
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  return sums.finish(taskId);
}

class Sums {
  #executions = 0;
  #judged = 0;
  #successes = 0;
  readonly #counts = { spans: 0, llm_calls: 0, tool_calls: 0, errors: 0 };
  readonly #known = new Map<'cost' | 'input' | 'output', number>();
  readonly #durations: number[] = [];
  readonly #rewards = new Map<string, { sum: number; executions: number }>();

  add(execution: Execution): void {
    this.#executions += 1;
    if (execution.success !== null) this.#judged += 1;
    if (execution.success === true) this.#successes += 1;
    this.#counts.spans += execution.spans;
    this.#counts.llm_calls += execution.llmCalls;
    this.#counts.tool_calls += execution.toolCalls;
    this.#counts.errors += execution.errors;
    this.#addKnown('cost', execution.costUsd);
    this.#addKnown('input', execution.inputTokens);
    this.#addKnown('output', execution.outputTokens);
    const { endTimeUnixNano: end, startTimeUnixNano: start, flags } = execution;
    if (end !== null && !flags.includes('time_synthetic')) {
      this.#durations.push(Number(end - start) / 1e6);
    }
    for (const [dimension, value] of Object.entries(execution.rewards)) {
      const reward = this.#rewards.get(dimension) ?? { sum: 0, executions: 0 };
      this.#rewards.set(dimension, { sum: reward.sum + value, executions: reward.executions + 1 });
    }
  }

  finish(taskId: string): TaskMetricsJson {
    return {
      task_id: taskId,
      executions: this.#executions,
      success_rate: successRate(this.#successes, this.#judged),
      rewards: Object.fromEntries(
        [...this.#rewards].map(([dimension, { sum, executions }]) => [
          dimension,
          { mean: sum / executions, executions },
        ]),
      ),
      duration_ms: spread(this.#durations),
      ...this.#counts,
      cost_usd: this.#known.get('cost') ?? null,
      tokens: {
        input: this.#known.get('input') ?? null,
        output: this.#known.get('output') ?? null,
      },
    };
  }

  #addKnown(name: 'cost' | 'input' | 'output', value: number | null): void {
    if (value !== null) this.#known.set(name, (this.#known.get(name) ?? 0) + value);
  }
}

export function successRate(successes: number, n: number): TaskMetricsJson['success_rate'] {
  if (n === 0) return null;
  const { lower, upper } = wilsonInterval(successes, n, 0.95);
  return { value: successes / n, interval: [lower, upper] };
}

function spread(durations: readonly number[]): TaskMetricsJson['duration_ms'] {
  const sorted = [...durations].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle];
  if (upper === undefined) return null;
  const median = sorted.length % 2 === 1 ? upper : (sorted[middle - 1]! + upper) / 2;
  return { min: sorted[0]!, median, max: sorted.at(-1)! };
}
