export { interpretSpan, type InterpretOptions } from './interpret-span';
export { interpretLog } from './interpret-log';
export { type ModelPrice, type PriceTable } from './price-table';
export { redactContent, redactReward, redactSpan } from './redaction/redact-span';
export { type RedactionPolicy } from './redaction/redactor';
