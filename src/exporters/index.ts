export { exportCsv, csvColumns } from './export-csv';
export { exportJsonl } from './export-jsonl';
export { exportOtlpJson } from './export-otlp-json';
