import { writeSync } from 'node:fs';
import { createEvolution } from '../../../src/runtime';
import { attributes, makeSpan, spanId, traceId } from '../make-span';

/** Stores batches, four at a time so that some are committed while others are synced, and says each that is acknowledged: `ack <trace number>`. */
async function main(): Promise<void> {
  const [, , databaseUrl, batches, spansPerBatch] = process.argv;
  const evolution = await createEvolution({ databaseUrl });
  let begun = 0;
  const store = async (): Promise<void> => {
    while (begun < Number(batches)) {
      const batch = (begun += 1);
      const spans = Array.from({ length: Number(spansPerBatch) }, (_, n) =>
        makeSpan({
          traceId: traceId(batch),
          spanId: spanId(n + 1),
          attributes: attributes({ 'gen_ai.operation.name': 'chat', text: 'x'.repeat(batch * 7) }),
        }),
      );
      await evolution.sink.accept({ spans });
      writeSync(1, `ack ${batch}\n`);
    }
  };
  await Promise.all([store(), store(), store(), store()]);
  await evolution.close();
}

void main();
