import { z } from 'zod';
import {
  isSpent,
  type Adaptation,
  type AdaptationOutcome,
  type AdaptationStatus,
} from '../model/adaptation';
import type { ReplayedStep } from '../model/ports-adaptation';
import type { AuditEntry } from '../model/ports-experiments';
import { formatInstant } from './instant';
import { toPlainValue } from './plain-value';
import { countSchema, finite, instantSchema, jsonSchema } from './scalars';

const numberOrNull = z.number().nullable();
/** An end that is infinite is unknown. */
const openIntervalSchema = z.tuple([numberOrNull, numberOrNull]);
const armSchema = z.object({ units: countSchema, mean: numberOrNull });

export const adaptationStatuses = [
  'proposed',
  'approved',
  'rolling_out',
  'active',
  'deactivated',
  'rolled_back',
  'rejected',
] as const satisfies readonly AdaptationStatus[];

export const adaptationSchema = z
  .object({
    id: z.string(),
    revision: countSchema,
    kind: z.enum(['config', 'prompt', 'strategy']),
    knob: z.string(),
    from: jsonSchema,
    to: jsonSchema,
    from_version_id: z.string().nullable(),
    to_version_id: z.string().nullable(),
    inverse: z.object({ knob: z.string(), to: jsonSchema }),
    context: z.object({ agent_id: z.string().nullable(), task_type: z.string().nullable() }),
    pattern_id: z.string(),
    dimension: z.string(),
    effect_unit: z.enum(['points', '%']),
    expected: z.object({ effect: z.number(), interval: openIntervalSchema }),
    uncertain: z.string(),
    status: z.enum(adaptationStatuses),
    traffic_percent: z.number(),
    hold_back_percent: z.number(),
    causal_evidence: numberOrNull,
    retests: countSchema,
    signals: z.array(z.string()),
    paused_by: z.string().nullable(),
    outcome: z
      .object({
        treated: armSchema,
        held_back: armSchema,
        effect: numberOrNull,
        interval: openIntervalSchema.nullable(),
      })
      .nullable(),
    created_at: instantSchema,
    started_at: instantSchema.nullable(),
    raised_at: instantSchema.nullable(),
  })
  .meta({ id: 'Adaptation', description: 'A reversible change of one declared setting.' });

export type AdaptationJson = z.infer<typeof adaptationSchema>;

export function adaptationToWire(adaptation: Adaptation): AdaptationJson {
  const { inverse, context, expected, outcome } = adaptation;
  return {
    id: adaptation.id,
    revision: adaptation.revision,
    kind: adaptation.kind,
    knob: adaptation.knob,
    from: toPlainValue(adaptation.from),
    to: toPlainValue(adaptation.to),
    from_version_id: adaptation.fromVersionId,
    to_version_id: adaptation.toVersionId,
    inverse: { knob: inverse.knob, to: toPlainValue(inverse.to) },
    context: { agent_id: context.agentId, task_type: context.taskType },
    pattern_id: adaptation.patternId,
    dimension: adaptation.dimension,
    effect_unit: isSpent(adaptation.dimension) ? '%' : 'points',
    expected: {
      effect: expected.effect,
      interval: [finite(expected.interval.lower), finite(expected.interval.upper)],
    },
    uncertain: adaptation.uncertain,
    status: adaptation.status,
    traffic_percent: adaptation.trafficPercent,
    hold_back_percent: adaptation.holdBackPercent,
    causal_evidence: finite(adaptation.causalEvidence),
    retests: adaptation.retests,
    signals: adaptation.signals.map(({ metric }) => metric),
    paused_by: adaptation.pausedBy,
    outcome: outcome === null ? null : outcomeToWire(outcome),
    created_at: formatInstant(adaptation.createdAtUnixNano),
    started_at: instantOrNull(adaptation.startedAtUnixNano),
    raised_at: instantOrNull(adaptation.raisedAtUnixNano),
  };
}

const instantOrNull = (at: bigint | null): string | null =>
  at === null ? null : formatInstant(at);

function outcomeToWire({
  treated,
  heldBack,
  effect,
  interval,
}: AdaptationOutcome): AdaptationJson['outcome'] {
  return {
    treated: { units: treated.units, mean: treated.mean },
    held_back: { units: heldBack.units, mean: heldBack.mean },
    effect,
    interval: interval === null ? null : [finite(interval.lower), finite(interval.upper)],
  };
}

const stepEvidenceSchema = z.record(
  z.string(),
  z.union([z.number(), z.string(), z.boolean(), z.null()]),
);

export const auditEntrySchema = z
  .object({
    at: instantSchema,
    actor: z.string(),
    from: z.string().nullable(),
    to: z.string(),
    reason: z.string(),
    evidence: stepEvidenceSchema,
  })
  .meta({
    id: 'AuditEntry',
    description: 'A step: who, from what to what, why, on what evidence.',
  });

export type AuditEntryJson = z.infer<typeof auditEntrySchema>;

export function auditEntryToWire(entry: AuditEntry): AuditEntryJson {
  return {
    at: formatInstant(entry.atUnixNano),
    actor: entry.actor,
    from: entry.from,
    to: entry.to,
    reason: entry.reason,
    evidence: stepEvidence(entry.evidence),
  };
}

function stepEvidence(evidence: AuditEntry['evidence']): AuditEntryJson['evidence'] {
  return Object.fromEntries(
    Object.entries(evidence).map(([key, value]) => [
      key,
      typeof value === 'number' ? finite(value) : value,
    ]),
  );
}

export const replaySchema = z
  .object({
    items: z.array(
      z.object({
        step: auditEntrySchema,
        replayed: stepEvidenceSchema.meta({ description: 'The same numbers, computed anew.' }),
        same: z.boolean().meta({ description: 'Bit for bit.' }),
      }),
    ),
  })
  .meta({ id: 'Replay', description: 'Steps of the loop, oldest first.' });

export function replayToWire(steps: readonly ReplayedStep[]): z.infer<typeof replaySchema> {
  return {
    items: steps.map(({ audit, replayed, isSame }) => ({
      step: auditEntryToWire(audit),
      replayed: stepEvidence(replayed),
      same: isSame,
    })),
  };
}

export const adaptationListSchema = z
  .object({ items: z.array(adaptationSchema) })
  .meta({ id: 'AdaptationList', description: 'In the order of their making.' });

export const adaptationHistorySchema = z
  .object({
    sentences: z.array(z.string()).meta({ description: 'Why it was made, applied, rolled back.' }),
    items: z.array(auditEntrySchema),
  })
  .meta({ id: 'AdaptationHistory', description: 'Each step, oldest first.' });

export const adaptationSwitchSchema = z
  .object({ enabled: z.boolean() })
  .meta({ id: 'AdaptationSwitch', description: 'While off, nothing is applied anywhere.' });
