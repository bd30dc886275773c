import type { Refusal, WriteBatch } from '../../model/ports';
import { prepareReward, type PreparedReward } from './prepared-reward';
import { prepareSpan, type PreparedSpan } from './prepared-span';

/** A batch made ready for its transaction: plain data, which another thread may have made. */
export interface PreparedRows {
  readonly spans: readonly Placed<PreparedSpan>[];
  readonly rewards: readonly Placed<PreparedReward>[];
  readonly refused: readonly Refusal[];
}

/** `index` counts in the batch. */
interface Placed<Row> {
  readonly index: number;
  readonly row: Row;
}

/** Pure, and the larger part of the work that a write does outside the database. */
export function prepareRows(batch: WriteBatch): PreparedRows {
  const refused: Refusal[] = [];
  const prepare = <From, Row extends object>(
    part: Refusal['part'],
    records: readonly From[],
    make: (record: From) => Row | { readonly refused: string },
  ): Placed<Row>[] =>
    records.flatMap((record, index) => {
      const row = make(record);
      if (!('refused' in row)) return [{ index, row }];
      refused.push({ part, index, reason: row.refused });
      return [];
    });
  return {
    spans: prepare('spans', batch.spans, prepareSpan),
    rewards: prepare('rewards', batch.rewards, prepareReward),
    refused,
  };
}
