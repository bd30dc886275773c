import { z } from 'zod';
import type { Operation } from '../model/operation';
import { kindSchema } from './span';

export const servicesSchema = z
  .object({ items: z.array(z.string()) })
  .meta({ id: 'Services', description: 'Values of `service.name`, in order.' });

export const operationsSchema = z
  .object({ items: z.array(z.object({ name: z.string(), kind: kindSchema })) })
  .meta({ id: 'Operations', description: 'Names and kinds of the spans of one service.' });

export function operationsToWire(
  operations: readonly Operation[],
): z.infer<typeof operationsSchema> {
  return { items: operations.map(({ name, kind }) => ({ name, kind })) };
}
