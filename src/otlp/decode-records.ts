import { DecodeBudget } from './decode-budget';
import { DecodedRecords } from './decoded-records';
import { type OtlpLimits, resolveOtlpLimits } from './otlp-limits';

/** Runs one decoding under its limits. */
export function decodeRecords<T>(
  limits: Partial<OtlpLimits>,
  read: (budget: DecodeBudget, records: DecodedRecords<T>) => void,
): DecodedRecords<T> {
  const resolved = resolveOtlpLimits(limits);
  const budget = new DecodeBudget(resolved);
  const records = new DecodedRecords<T>(resolved.maxRecords);
  read(budget, records);
  budget.settle();
  return records;
}
