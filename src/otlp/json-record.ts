import type { DecodeBudget } from './decode-budget';
import type { DecodedRecords } from './decoded-records';
import { OtlpDecodeError } from './otlp-decode-error';

/** Runs `read` for the next span or log record; what is wrong within it costs that record alone. */
export function readRecord(
  budget: DecodeBudget,
  records: DecodedRecords<unknown>,
  read: () => void,
): void {
  if (records.skipsNext()) return;
  try {
    read();
  } catch (error) {
    if (!(error instanceof OtlpDecodeError) || budget.isOverdrawn) throw error;
    budget.forgetCut();
    records.refuse(error.message);
  }
}
