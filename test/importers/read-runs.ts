import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import { Readable } from 'node:stream';
import type { DecodeOtlpJson, ImportedRun, ImportFormat } from '../../src/importers';
import { openImport } from '../../src/importers';

/** For formats that are not OTLP: nothing may call it. */
export const noOtlp: DecodeOtlpJson = () => {
  throw new Error('this format has no OTLP inside');
};

export async function readRuns(
  input: Readable | string,
  options: { name?: string; format?: ImportFormat | 'auto'; decodeOtlpJson?: DecodeOtlpJson } = {},
): Promise<ImportedRun[]> {
  const runs: ImportedRun[] = [];
  const { name = 'runs.json', format = 'auto', decodeOtlpJson = noOtlp } = options;
  const stream = typeof input === 'string' ? Readable.from([Buffer.from(input)]) : input;
  for await (const run of openImport({ input: stream, name, format, decodeOtlpJson })) {
    runs.push(run);
  }
  return runs;
}

export function readFile(
  path: string,
  options: { format?: ImportFormat | 'auto'; decodeOtlpJson?: DecodeOtlpJson } = {},
): Promise<ImportedRun[]> {
  return readRuns(createReadStream(path), { name: basename(path), ...options });
}

export function spansOf(runs: readonly ImportedRun[]): ImportedRun['spans'][number][] {
  return runs.flatMap((run) => run.spans);
}
