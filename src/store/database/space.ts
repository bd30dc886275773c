import type { Reclaimed } from '../../model/ports-upkeep';

/** What a database takes of its disk, and how it gives it back. */
export interface Space {
  measure(): Promise<SpaceUsed>;
  /**
   * Gives free space back, a bounded part of it, so that writers get their turn.
   *
   * @returns whether there is more; `false` also where only `rewrite` can
   */
  giveBack(): Promise<boolean>;
  /**
   * Gives all back that the database can in one piece of work. `checkpoint`: a file made for it needs no more than that.
   * `rewritten`: the file was made by something else and is written anew, as large as what it holds; writers wait.
   * `kept`: the server keeps free space for new rows.
   */
  finish(): Promise<'checkpoint' | 'rewritten' | 'kept'>;
}

/** Bytes. */
export interface SpaceUsed {
  readonly total: number;
  /** Without what is free for new rows. */
  readonly used: number;
  /** Where `used` is an estimate that takes long to make: what the removal of a span will take from it. */
  readonly perSpan?: number;
}

/** Gives free space back in parts, and at the end what only one piece of work can. */
export async function reclaim(space: Space): Promise<Reclaimed> {
  const before = await space.measure();
  while (await space.giveBack());
  const how = await space.finish();
  const after = await space.measure();
  return { how: how === 'checkpoint' ? 'pages' : how, before, after };
}
