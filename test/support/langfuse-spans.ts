import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gunzipSync } from 'node:zlib';
import type { SpanRecord } from '../../src/model/span';
import { openImport } from '../../src/importers';
import { decodeTracesJson } from '../../src/otlp';
import { dataDir } from './data-dir';

/**
 * The spans of 20 frameworks through the real importer, by file. Langfuse's own classification is
 * taken away first, so that only what the frameworks themselves sent can tell a role.
 */
export async function readLangfuseSpans(
  options: { readonly keepTypes?: boolean } = {},
): Promise<ReadonlyMap<string, readonly SpanRecord[]>> {
  const folder = join(dataDir, 'langfuse-framework-traces');
  const spans = new Map<string, readonly SpanRecord[]>();
  for (const file of readdirSync(folder).sort()) {
    if (!file.endsWith('.trace.json.gz')) continue;
    const trace = JSON.parse(gunzipSync(readFileSync(join(folder, file))).toString()) as Export;
    const types = options.keepTypes === true ? {} : { type: 'SPAN' };
    const observations = trace.observations.map((each) => ({ ...each, ...types }));
    const text = JSON.stringify({ ...trace, observations });
    const runs = openImport({
      input: Readable.from([Buffer.from(text)]),
      name: file,
      format: 'langfuse',
      decodeOtlpJson: decodeTracesJson,
    });
    const read: SpanRecord[] = [];
    for await (const run of runs) read.push(...run.spans);
    spans.set(file.slice(0, -'.trace.json.gz'.length), read);
  }
  return spans;
}

interface Export {
  readonly observations: readonly object[];
}
