import { z } from 'zod';
import type { TradeoffArm, Tradeoffs } from '../model/tradeoffs';
import { toPlainAttributes } from './plain-value';
import { attributesSchema, countSchema, scoreSchema } from './scalars';

const armSchema = z
  .object({
    label: z.string().meta({ description: 'Variant of an experiment, or the settings.' }),
    config: attributesSchema.nullable(),
    variant: z.string().nullable(),
    runs: countSchema,
    means: z.record(z.string(), z.number()),
    score: scoreSchema.nullable().meta({ description: '`null` without declared weights.' }),
    dominated_by: z.array(z.string()),
  })
  .meta({ id: 'TradeoffArm' });

export const tradeoffsSchema = z
  .object({
    dimensions: z.array(z.object({ name: z.string(), better: z.enum(['higher', 'lower']) })),
    arms: z.array(armSchema),
    pareto: z.array(z.string()).meta({ description: 'Labels of arms that no other dominates.' }),
    left_out: z.array(z.object({ reason: z.string(), runs: countSchema })),
    conflicts: z.array(z.string()),
    sentence: z.string(),
  })
  .meta({ id: 'Tradeoffs', description: 'Variants and settings in several dimensions at once.' });

export type TradeoffsJson = z.infer<typeof tradeoffsSchema>;

export function tradeoffsToWire(found: Tradeoffs): TradeoffsJson {
  return {
    dimensions: found.dimensions.map(({ name, better }) => ({ name, better })),
    arms: found.arms.map(armToWire),
    pareto: [...found.pareto],
    left_out: found.leftOut.map(({ reason, runs }) => ({ reason, runs })),
    conflicts: [...found.conflicts],
    sentence: found.sentence,
  };
}

function armToWire(arm: TradeoffArm): z.infer<typeof armSchema> {
  return {
    label: arm.label,
    config: arm.config === null ? null : toPlainAttributes(arm.config),
    variant: arm.variant,
    runs: arm.runs,
    means: { ...arm.means },
    score: arm.score,
    dominated_by: [...arm.dominatedBy],
  };
}
