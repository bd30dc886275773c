import type { Reclaimed } from '../../model/ports-upkeep';
import type { Database } from '../database/database';

/** Gives free space back in parts, and at the end what only one piece of work can. */
export async function reclaim({ space }: Database): Promise<Reclaimed> {
  const before = await space.measure();
  while (await space.giveBack());
  const how = await space.finish();
  const after = await space.measure();
  return { how: how === 'checkpoint' ? 'pages' : how, before, after };
}
