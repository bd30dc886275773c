import { z } from 'zod';
import type { Page } from '../model/query';

export const cursorSchema = z.string().nullable().meta({
  id: 'NextCursor',
  description: 'Opaque; send it as `cursor` for the next page. `null` at the end.',
});

/** A page of a list. `id` names the component of /openapi.json. */
export function pageSchema<T extends z.ZodType>(id: string, item: T) {
  return z.object({ items: z.array(item), next_cursor: cursorSchema }).meta({ id });
}

export interface PageJson<T> {
  items: T[];
  next_cursor: string | null;
}

export function pageToWire<T, W>(
  { items, nextCursor }: Page<T>,
  toWire: (item: T) => W,
): PageJson<W> {
  return { items: items.map(toWire), next_cursor: nextCursor };
}
