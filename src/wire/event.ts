import { z } from 'zod';
import { lookSchema } from './evidence';
import { patternSchema } from './pattern';
import { taskSchema } from './task';

/**
 * What `GET /events` sends, as `data:` of a server-sent event whose `event:` is the type and whose `id:`
 * goes into `Last-Event-ID`.
 */
export const eventSchema = z
  .discriminatedUnion('type', [
    z.object({ type: z.literal('task'), task: taskSchema }),
    z.object({ type: z.literal('pattern'), pattern: patternSchema }),
    z.object({ type: z.literal('look'), look: lookSchema }),
    z.object({ type: z.literal('reset') }).meta({
      description: 'Events were missed since your `Last-Event-ID`: read again what you show.',
    }),
  ])
  .meta({ id: 'Event', description: 'Something is new or has changed; the whole of it.' });

export type EventJson = z.infer<typeof eventSchema>;
