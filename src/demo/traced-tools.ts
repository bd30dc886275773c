import { SpanStatusCode } from '@opentelemetry/api';

import type { SpanTracker } from '../index';
import type { PackageTools, ToolResult } from './package-tools';

/** What a run of the agent cost so far. */
export interface ToolCosts {
  readonly calls: number;
  readonly bytesRead: number;
}

export interface TracedTools extends PackageTools {
  costs(): ToolCosts;
}

/** The same tools, each call a span `execute_tool NAME`; a refusal or a missing file is an error of it. */
export function traceTools(
  tools: PackageTools,
  tracker: Pick<SpanTracker, 'startSpan'>,
): TracedTools {
  let calls = 0;
  let bytesRead = 0;
  const traced = async (
    name: string,
    input: Readonly<Record<string, string>>,
    call: () => Promise<ToolResult>,
  ): Promise<ToolResult> => {
    const span = tracker.startSpan({
      name: `execute_tool ${name}`,
      attributes: {
        'gen_ai.operation.name': 'execute_tool',
        'gen_ai.tool.name': name,
        'gen_ai.tool.type': 'function',
        'gen_ai.tool.call.arguments': JSON.stringify(input),
      },
    });
    try {
      const result = await call();
      calls += 1;
      bytesRead += result.bytesRead;
      span.setAttribute('package_agent.bytes_read', result.bytesRead);
      if (result.status !== 'ok') {
        span.setAttribute('error.type', result.status);
        span.span.setStatus({ code: SpanStatusCode.ERROR, message: result.reason });
      }
      return result;
    } catch (error) {
      span.recordException(error);
      throw error;
    } finally {
      span.end();
    }
  };
  return {
    listFiles: (path) => traced('list_files', { path }, () => tools.listFiles(path)),
    readFile: (path, window) =>
      traced('read_file', { path, window }, () => tools.readFile(path, window)),
    search: (text) => traced('search', { text }, () => tools.search(text)),
    costs: () => ({ calls, bytesRead }),
  };
}
