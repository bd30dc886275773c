import { z } from 'zod';
import type { ExecutionStep } from '../model/learning';
import type { Alternative, Divergence, WhyReport } from '../model/why';
import { patternTypeSchema } from './pattern';
import { countSchema, nanosSchema, roleSchema, scoreSchema, spanAddressSchema } from './scalars';

const stepSchema = spanAddressSchema
  .extend({
    parent_span_id: z.string().nullable(),
    name: z.string(),
    role: roleSchema,
    tool: z.string().nullable(),
    model: z.string().nullable(),
    error: z.boolean(),
    error_type: z.string().nullable(),
    tool_arguments_hash: z.string().nullable(),
    requestor: z
      .string()
      .nullable()
      .meta({ description: 'Who asked for a tool call, where it was not the agent.' }),
    start_time_unix_nano: nanosSchema,
    end_time_unix_nano: nanosSchema.nullable(),
  })
  .meta({ id: 'Step', description: 'One span of a run, as the learner sees it.' });

const alternativeSchema = z.object({
  tool: z.string().nullable().meta({ description: '`null`: they had finished.' }),
  other_arguments: z.boolean().meta({ description: 'The same tool with other arguments.' }),
  share: scoreSchema.meta({ description: 'Of the siblings, weighed by their likeness.' }),
  example: stepSchema.nullable(),
});

const divergenceSchema = z
  .object({
    position: countSchema.meta({ description: 'Among the run’s calls, from 0.' }),
    step: stepSchema.nullable().meta({ description: '`null` where the run stopped too early.' }),
    kind: z.enum(['other_call', 'other_arguments', 'left_out', 'stopped']),
    instead: z.array(alternativeSchema),
    shared_before: z.number(),
    certainty: scoreSchema,
  })
  .meta({ id: 'Divergence' });

export const whySchema = z
  .object({
    execution_id: z.string(),
    success: z.boolean().nullable(),
    compared_with: z
      .enum(['task_and_agent', 'task', 'task_type'])
      .nullable()
      .meta({ description: '`null`: there is nothing to compare with.' }),
    siblings: countSchema,
    sibling_ids: z.array(z.string()),
    divergence: divergenceSchema.nullable(),
    findings: z.array(
      z.object({ pattern_id: z.string(), predicate: z.string(), type: patternTypeSchema }),
    ),
    sentence: z.string(),
  })
  .meta({ id: 'Why', description: 'Where a run leaves what its successful siblings did.' });

export type WhyJson = z.infer<typeof whySchema>;

export function whyToWire(report: WhyReport): WhyJson {
  return {
    execution_id: report.executionId,
    success: report.success,
    compared_with: report.comparedWith,
    siblings: report.siblings,
    sibling_ids: [...report.siblingIds],
    divergence: report.divergence && divergenceToWire(report.divergence),
    findings: report.findings.map(({ patternId, predicate, type }) => ({
      pattern_id: patternId,
      predicate,
      type,
    })),
    sentence: report.sentence,
  };
}

function divergenceToWire(divergence: Divergence): z.infer<typeof divergenceSchema> {
  return {
    position: divergence.position,
    step: divergence.step && stepToWire(divergence.step),
    kind: divergence.kind,
    instead: divergence.instead.map(alternativeToWire),
    shared_before: divergence.sharedBefore,
    certainty: divergence.certainty,
  };
}

function alternativeToWire(alternative: Alternative): z.infer<typeof alternativeSchema> {
  return {
    tool: alternative.tool,
    other_arguments: alternative.otherArguments,
    share: alternative.share,
    example: alternative.example && stepToWire(alternative.example),
  };
}

function stepToWire(step: ExecutionStep): z.infer<typeof stepSchema> {
  return {
    trace_id: step.traceId,
    span_id: step.spanId,
    parent_span_id: step.parentSpanId,
    name: step.name,
    role: step.role,
    tool: step.tool,
    model: step.model,
    error: step.error,
    error_type: step.errorType,
    tool_arguments_hash: step.toolArgumentsHash,
    requestor: step.requestor,
    start_time_unix_nano: step.startTimeUnixNano.toString(),
    end_time_unix_nano: step.endTimeUnixNano?.toString() ?? null,
  };
}
