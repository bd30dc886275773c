import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { createEvolution } from '../../src/index';
import type { Pattern } from '../../src/model/pattern';
import { dataDir, describeWithData } from '../support/data-dir';
import { runCli } from '../support/run-cli';
import { newFolder } from '../support/run-program';

// examples/gateway-log: 5,057 calls of twenty coding agents, as a gateway recorded them; most of them fail.

const program = resolve(__dirname, '../../examples/gateway-log/to-otlp.mjs');

describeWithData('the error storms of recorded coding agents', () => {
  test('runs become executions, and a storm is found, with the route that it is on', async () => {
    const folder = newFolder();
    const db = `sqlite:${join(folder, 'gateway.db')}`;
    const log = gunzipSync(readFileSync(join(dataDir, 'exgentic-otlp/llm-calls.jsonl.gz')));
    const { status, stdout } = spawnSync(process.execPath, [program], {
      input: log,
      maxBuffer: 2 ** 26,
    });
    expect(status).toBe(0);
    const file = join(folder, 'calls.otlp.jsonl');
    writeFileSync(file, stdout);
    const imported = await runCli(['import', file, '--db', db, '--json']);
    expect(imported.code).toBe(0);
    const evolution = await createEvolution({ databaseUrl: db, dimensions: ['status'] });
    const { executions, tested } = await evolution.learner.learn();
    expect({ executions, tested: tested > 20 }).toEqual({ executions: 239, tested: true });
    const patterns = await evolution.store.queryPatterns({});
    await evolution.close();
    // The second route of the gateway, which fails: the same runs as those in which any call fails.
    const [finding, ...others] = patterns.items as Pattern[];
    expect(others).toEqual([]);
    expect(finding).toMatchObject({
      type: 'anti_pattern',
      dimension: 'status',
      support: { with: { n: 146, successes: 38 }, without: { n: 93, successes: 93 } },
    });
    const names = [finding?.predicate.text, ...(finding?.finding.alsoSeenAs ?? [])];
    expect(names).toEqual(expect.arrayContaining(['any_model_error', 'model_errors>=3']));
    expect(finding?.explanation.reason).toMatch(
      /is associated with fewer runs that complete: 38 of 146 runs complete .26.0 %. with it, 93 of 93 runs complete/,
    );
  }, 60_000);
});
