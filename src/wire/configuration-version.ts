import { z } from 'zod';
import type { ConfigurationDifference, ConfigurationVersion } from '../model/adaptation';
import { formatInstant } from './instant';
import { pageSchema } from './page';
import { toPlainAttributes, toPlainValue } from './plain-value';
import { attributesSchema, instantSchema, jsonSchema } from './scalars';

export const configurationVersionSchema = z
  .object({
    id: z.string().meta({ description: 'SHA-256 of the canonical JSON, 64 hex characters.' }),
    label: z.string().nullable(),
    actor: z.string(),
    created_at: instantSchema,
    parent_id: z.string().nullable(),
    config: attributesSchema,
  })
  .meta({ id: 'ConfigurationVersion', description: 'What an agent ran with; never changes.' });

export type ConfigurationVersionJson = z.infer<typeof configurationVersionSchema>;

export function configurationVersionToWire(
  version: ConfigurationVersion,
): ConfigurationVersionJson {
  return {
    id: version.id,
    label: version.label,
    actor: version.actor,
    created_at: formatInstant(version.createdAtUnixNano),
    parent_id: version.parentId,
    config: toPlainAttributes(version.config),
  };
}

export const configurationPageSchema = pageSchema('ConfigurationPage', configurationVersionSchema);

export const configurationInputSchema = z
  .strictObject({
    config: attributesSchema,
    label: z.string().min(1).max(200).optional(),
    parent_id: z.string().length(64).optional(),
    actor: z.string().min(1).max(200).optional(),
  })
  .meta({ id: 'ConfigurationInput', examples: [{ config: { window: 'tail' }, label: 'v2' }] });

export const configurationComparisonSchema = z
  .object({
    before: z.string(),
    after: z.string(),
    differences: z.array(
      z.object({
        key: z.string(),
        before: jsonSchema.optional(),
        after: jsonSchema.optional(),
      }),
    ),
  })
  .meta({
    id: 'ConfigurationComparison',
    description: 'Settings that differ; a side that has none is absent.',
  });

export type ConfigurationComparisonJson = z.infer<typeof configurationComparisonSchema>;

export function configurationComparisonToWire(
  before: string,
  after: string,
  differences: readonly ConfigurationDifference[],
): ConfigurationComparisonJson {
  return {
    before,
    after,
    differences: differences.map((one) => ({
      key: one.key,
      ...(one.before !== undefined && { before: toPlainValue(one.before) }),
      ...(one.after !== undefined && { after: toPlainValue(one.after) }),
    })),
  };
}
