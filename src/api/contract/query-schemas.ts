import { z } from 'zod';
import type { PatternFilter, RecordFilter } from '../../model/query';
import { longestMillis, parseInstant, roles, statuses } from '../../wire';

const text = z.string().min(1);

/** `a`, `a,b` or the parameter several times. */
export const textList = z
  .union([z.string(), z.array(z.string())])
  .transform((given) => [given].flat().flatMap((part) => part.split(',')))
  .pipe(z.array(z.string().trim().min(1)).min(1))
  .meta({ override: { type: 'array', items: { type: 'string', minLength: 1 }, minItems: 1 } });

export const wholeNumber = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/)
    .transform(Number)
    .pipe(z.int().min(min).max(max))
    .meta({ override: { type: 'integer', minimum: min, maximum: max } });

export const fraction = z
  .string()
  .regex(/^(0?\.\d+|0|1(\.0+)?|0\.\d*)$/, 'expected a number from 0 to 1')
  .transform(Number)
  .meta({ override: { type: 'number', minimum: 0, maximum: 1 } });

/** Any finite number. */
export const realNumber = z
  .string()
  .regex(/^-?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i, 'expected a number')
  .transform(Number)
  .pipe(z.number())
  .meta({ override: { type: 'number' } });

export const flag = z.enum(['true', 'false']).transform((given) => given === 'true');

export const instant = z
  .string()
  .transform((text) => parseInstant(text))
  .meta({
    override: {
      type: 'string',
      description: 'RFC 3339, a date, or nanoseconds since 1970.',
      examples: ['2026-01-31T08:00:00Z'],
    },
  });

export const pageQuery = {
  limit: wholeNumber(1, 1000)
    .optional()
    .meta({ description: 'Items of a page, 100 unless told; of a stream, all unless told.' }),
  cursor: text.optional().meta({ description: '`next_cursor` of the page before.' }),
};

const named = z.record(z.string().min(1), z.string());

/** What is about: the filters that runs and patterns share. */
const subjectQuery = {
  task_type: text.optional().meta({ description: 'Type of the task.' }),
  agent_id: text.optional().meta({ description: 'Id of the agent.' }),
  model: text.optional().meta({ description: 'A model that was called.' }),
  tool: text.optional().meta({ description: 'A tool that was used.' }),
  tags: textList.optional().meta({ description: 'Tags, joined by commas or one at a time.' }),
  config: named.optional().meta({ description: 'Value of a setting, as text.' }),
  attribute: named.optional().meta({ description: 'Value of a span attribute, as text.' }),
  start_time: instant.optional().meta({ description: 'Inclusive.' }),
  end_time: instant.optional().meta({ description: 'Exclusive.' }),
};

const millis = z
  .string()
  .regex(/^\d{1,10}(\.\d{1,6})?$/, 'expected milliseconds, from 0')
  .transform(Number)
  .pipe(z.number().max(longestMillis))
  .meta({ override: { type: 'number', minimum: 0, maximum: longestMillis } });

/** The one filter of every list of runs, `--where` on the command line. */
export const recordQuery = z.strictObject({
  ...subjectQuery,
  task_id: text.optional().meta({ description: 'Id of the task.' }),
  execution_id: text.optional().meta({ description: 'Id of the execution.' }),
  trace_id: text.optional().meta({ description: 'Id of the trace, in any case.' }),
  session_id: text.optional().meta({ description: 'Id of the session or conversation.' }),
  experiment_id: text.optional().meta({ description: 'Runs that an experiment drew.' }),
  variant: text.optional().meta({ description: 'Runs that got this variant.' }),
  adaptation_id: text.optional().meta({ description: 'Runs that an adaptation was applied to.' }),
  tag_match: z
    .enum(['all', 'any', 'prefix', 'fuzzy'])
    .optional()
    .meta({ description: 'How `tags` must match; `all` unless told.' }),
  status: z.enum(statuses).optional().meta({ description: 'Of the task or execution.' }),
  role: z.enum(roles).optional().meta({ description: 'What a span is of the agent’s work.' }),
  min_duration_ms: millis.optional().meta({ description: 'Of the execution; inclusive.' }),
  max_duration_ms: millis.optional().meta({ description: 'Exclusive.' }),
});

export const patternSubjectQuery = z.strictObject(subjectQuery);

export function toPatternFilter(query: z.output<typeof patternSubjectQuery>): PatternFilter {
  return {
    taskType: query.task_type,
    agentId: query.agent_id,
    model: query.model,
    tool: query.tool,
    tags: query.tags,
    config: query.config,
    attributes: query.attribute,
    sinceUnixNano: query.start_time,
    untilUnixNano: query.end_time,
  };
}

export function toRecordFilter(query: z.output<typeof recordQuery>): RecordFilter {
  return {
    ...toPatternFilter(query),
    taskId: query.task_id,
    executionId: query.execution_id,
    traceId: query.trace_id?.toLowerCase(),
    sessionId: query.session_id,
    experimentId: query.experiment_id,
    variant: query.variant,
    adaptationId: query.adaptation_id,
    tagMatch: query.tag_match,
    status: query.status,
    role: query.role,
    minDurationMs: query.min_duration_ms,
    maxDurationMs: query.max_duration_ms,
  };
}

/** The names of `--where`, which HTTP takes as well. */
export const parameterAliases: Readonly<Record<string, string>> = {
  task: 'task_id',
  execution: 'execution_id',
  trace: 'trace_id',
  agent: 'agent_id',
  session: 'session_id',
  experiment: 'experiment_id',
  adaptation: 'adaptation_id',
  type: 'task_type',
  tag: 'tags',
  since: 'start_time',
  until: 'end_time',
};
