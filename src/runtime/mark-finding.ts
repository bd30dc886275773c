import { InputError } from '../errors';
import type { MarkRequest } from '../model/evolution';
import type { Pattern } from '../model/pattern';
import type { Clock } from '../model/ports';
import type { PatternBook } from '../model/ports-learning';
import { findPattern } from './find-pattern';

/**
 * Writes what somebody made of a finding.
 *
 * @throws NotFoundError, InputError as `findPattern` does, and InputError without a reason
 */
export async function markFinding(
  store: Pick<PatternBook, 'getPattern' | 'queryPatterns' | 'markPattern'>,
  clock: Clock,
  patternId: string,
  { as, why, by }: MarkRequest,
): Promise<Pattern> {
  if (why.trim() === '') {
    throw new InputError('A mark needs a reason, and this one is empty.', {
      hint: 'Say why in a sentence: whoever reads the ledger in a year asks for it.',
    });
  }
  const { id } = await findPattern(store, patternId);
  const atUnixNano = clock.nowUnixNano();
  return store.markPattern(id, { state: as, why: why.trim(), atUnixNano, by });
}
