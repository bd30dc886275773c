import { z } from 'zod';
import type { AuditShare, SelfAudit } from '../model/learned';
import { lookSchema, lookToWire } from './evidence';
import { predicateSchema, predicateToWire } from './pattern';
import { countSchema, intervalSchema, intervalToWire, scoreSchema } from './scalars';

const shareSchema = z
  .object({ claimed: countSchema, of: countSchema, interval: intervalSchema.nullable() })
  .meta({ id: 'AuditShare', description: 'Tests at or below a level, with an interval at 95 %.' });

export const selfAuditSchema = z
  .object({
    bar: scoreSchema.meta({ description: 'p-value at or below which a look would claim now.' }),
    decoys: shareSchema.meta({ description: 'Features drawn from any run.' }),
    placebos: shareSchema.meta({
      description: 'Features drawn from runs of the same task type, agent and hundred runs.',
    }),
    calibration: z
      .array(z.object({ level: scoreSchema, decoys: shareSchema, placebos: shareSchema }))
      .meta({ description: 'The shares at or below a level should be that level or less.' }),
    looks: z.array(lookSchema),
    dropped: z.array(
      z.object({ predicate: predicateSchema, dimension: z.string(), reason: z.string() }),
    ),
  })
  .meta({
    id: 'SelfAudit',
    description: 'The method held against features that cannot matter; promotes nothing.',
  });

export type SelfAuditJson = z.infer<typeof selfAuditSchema>;

export function selfAuditToWire(audit: SelfAudit): SelfAuditJson {
  return {
    bar: audit.bar,
    decoys: shareToWire(audit.decoys),
    placebos: shareToWire(audit.placebos),
    calibration: audit.calibration.map(({ level, decoys, placebos }) => ({
      level,
      decoys: shareToWire(decoys),
      placebos: shareToWire(placebos),
    })),
    looks: audit.looks.map(lookToWire),
    dropped: audit.dropped.map(({ predicate, dimension, reason }) => ({
      predicate: predicateToWire(predicate),
      dimension,
      reason,
    })),
  };
}

function shareToWire({ claimed, of, interval }: AuditShare): z.infer<typeof shareSchema> {
  return { claimed, of, interval: interval === null ? null : intervalToWire(interval) };
}
