import { InputError } from '../errors';
import type { ImportFormatReader } from './imported-run';
import { keyPaths } from './key-paths';
import { jaeger } from './jaeger';
import { langfuse } from './langfuse';
import { otlpJson } from './otlp-json';
import { tau2Bench } from './tau2-bench';
import { tauBench } from './tau-bench';
import { zipkin } from './zipkin';

/** In the order in which `auto` tries them. */
export const importFormats = [
  'otlp-json',
  'tau-bench',
  'tau2-bench',
  'langfuse',
  'jaeger',
  'zipkin',
] as const;

export type ImportFormat = (typeof importFormats)[number];

export const formatReaders: Readonly<Record<ImportFormat, ImportFormatReader>> = {
  'otlp-json': otlpJson,
  'tau2-bench': tau2Bench,
  'tau-bench': tauBench,
  langfuse,
  jaeger,
  zipkin,
};

/**
 * Tells the format by the keys in the first (unpacked) bytes of a file.
 *
 * @throws InputError (`format_unknown`) saying what was found and which formats there are.
 */
export function detectFormat(head: Uint8Array): ImportFormat {
  const text = Buffer.from(head).toString('utf8');
  const paths = keyPaths(text);
  for (const format of importFormats) {
    if (formatReaders[format].marks.some((mark) => paths.has(mark))) return format;
  }
  throw new InputError(`The format is unknown: ${describe(text, paths)}.`, {
    code: 'format_unknown',
    hint: `Formats that can be read: ${importFormats.join(', ')}. Name one with --format.`,
  });
}

function describe(text: string, paths: ReadonlySet<string>): string {
  const start = text.trimStart();
  if (start === '') return 'there is nothing in it';
  if (!/^[[{]/.test(start)) return `expected JSON, found ${JSON.stringify(start.slice(0, 40))}`;
  const keys = [...paths].slice(0, 8).join(', ');
  return keys === '' ? 'it is JSON without keys' : `it is JSON with ${keys}`;
}
