import { NotFoundError } from '../../errors';
import type { Pattern, PatternLife } from '../../model/pattern';
import type { Session } from '../database/database';
import { readLooks, recordTests } from './learning-memory';
import { getPattern, writeLife } from './patterns';

/** What somebody made of a pattern, and the ledger's entry of it, in the transaction of `session`. */
export async function markPattern(
  session: Session,
  id: string,
  life: PatternLife,
): Promise<Pattern> {
  const pattern = await getPattern(session, id);
  if (pattern === null) throw new NotFoundError(`There is no pattern ${id}.`);
  await writeLife(session, pattern.id, life);
  const looks = await readLooks(session);
  await recordTests(
    session,
    [],
    [
      {
        look: Math.max(1, looks.length),
        test: 'mark',
        patternId: pattern.id,
        predicate: pattern.predicate.text,
        dimension: pattern.dimension,
        strata: pattern.strata.by,
        pValue: null,
        qValue: null,
        status: pattern.status,
        reason: `${life.state.replace('_', ' ')}, says ${life.by ?? 'nobody'}: ${life.why ?? 'no reason given'}`,
        life,
      },
    ],
  );
  return { ...pattern, life };
}
