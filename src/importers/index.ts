export { detectFormat, importFormats } from './import-formats';
export type { ImportFormat } from './import-formats';
export type { DecodeOtlpJson, ImportedRun, ImportRefusal } from './imported-run';
export { openImport } from './open-import';
export type { OpenImportOptions } from './open-import';
