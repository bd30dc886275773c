import { mkdirSync } from 'node:fs';
import { formatAudit } from '../../src/cli/format/audit';
import { formatEffects, formatLearnResult, formatPatterns } from '../../src/cli/format/patterns';
import { formatTable } from '../../src/cli/format/table';
import { processIo } from '../../src/cli/io';
import { createEvolution } from '../../src/runtime';
import type { LearnSummary, SelfAudit } from '../../src/model/learned';
import { makePattern } from '../support/make-pattern';
import { newFolder } from '../support/run-program';
import { runCli } from '../support/run-cli';

// What a user read on real runs and could not believe, or not read.

const colors = processIo().colors;
const next = (command: string): string => command;

const summary: LearnSummary = {
  executions: 1,
  units: 1,
  leftOut: { older: 0, retries: 0, attemptsUnknown: 0, sampled: 0, withoutOutcome: 0 },
  dimensions: ['reward'],
  outcomes: [],
  notes: [],
  candidates: 170,
  tested: 283,
  promoted: { observed: 7, confirmed: 1, causal: 0 },
  confirmed: 1,
  demoted: 0,
  reopened: 0,
  seconds: 0,
  look: { number: 2, alpha: 0.0076 },
  nextLookAtUnits: 2,
  refusal: null,
  message: 'Look 2 at level 0.00760: 283 tests, 8 findings.',
  notYetKnown: [],
};

test('"9 findings (2 confirmed)" stood above "8 findings": one confirmed before was counted twice', () => {
  const text = formatLearnResult(summary, { columns: null });
  expect(text).toContain(
    '170 candidates, 283 tests, 8 findings (1 confirmed), 1 earlier finding confirmed\n',
  );
  expect(text).toContain('1 closed execution, 1 of them');
});

test('"0 findings" was said where no look was due and eight stood', () => {
  const waiting = { ...summary, look: null, tested: 0, confirmed: 0, message: 'Not due.' };
  const text = formatLearnResult(
    { ...waiting, promoted: { observed: 0, confirmed: 0, causal: 0 } },
    { columns: null },
  );
  expect(text).not.toMatch(/finding|tests/);
});

test('"1 looks so far"', () => {
  const share = { claimed: 0, of: 0, interval: null };
  const audit: SelfAudit = {
    ...{ bar: 0.03, decoys: share, placebos: share, calibration: [], looks: [] },
    dropped: [
      {
        predicate: makePattern().predicate,
        dimension: 'reward',
        reason: 'a long reason '.repeat(9).trim(),
      },
    ],
  };
  const text = formatAudit(audit, { columns: 60, colors });
  expect(text).toContain('1 hypothesis held back');
  for (const line of text.split('\n').filter((each) => each.includes('long reason'))) {
    expect(line.length).toBeLessThanOrEqual(60);
  }
});

test('two findings of one behaviour had the same name in the plot, and rows were wider than 60 columns', () => {
  const name = { text: 'config:window=whole of a name that is long', terms: [] };
  const patterns = ['reward', 'thrift'].map((dimension, i) => ({
    ...makePattern({ id: `pattern-${i}` }),
    predicate: name,
    dimension,
  }));
  const plot = formatEffects(patterns, 100);
  expect(plot).toMatch(/^reward: config/m);
  expect(plot).toMatch(/^thrift: config/m);
  const narrow = `${formatEffects(patterns, 60)}\n${formatPatterns(patterns, { columns: 60, colors }, next)}`;
  for (const line of narrow.split('\n').filter((each) => !/patterns explain|▲/.test(each))) {
    expect(line.length).toBeLessThanOrEqual(60);
  }
});

test('in 80 columns a candidate was cut to "config:window=…": what names a row keeps its columns', () => {
  const wide = { title: 'n', value: () => '1234567890', align: 'right' as const };
  const table = formatTable(
    [{ name: 'config:window=whole & task' }],
    [{ title: 'name', value: ({ name }) => name, flexible: true, least: 24 }, wide, wide, wide],
    56,
  );
  expect(table).toContain('config:window=whole & ');
  expect(table).toContain('(too narrow for: n)');
});

describe('a database with nothing, and with one run', () => {
  const folder = newFolder();
  mkdirSync(folder, { recursive: true });
  const databaseUrl = `sqlite:${folder}/few.db`;
  const run = (...args: string[]) => runCli([...args, '--db', databaseUrl]);

  test('an empty list says why, and the command that would fill it', async () => {
    await (await createEvolution({ databaseUrl })).close();
    expect((await run('patterns')).err).toContain(
      'Nothing was looked at yet: npx otel-evolution learn --db',
    );
    expect((await run('ledger')).err).toContain('npx otel-evolution learn --db');
    expect((await run('candidates')).out).toContain('too few runs for one');
  });

  test('learn() in the process that recorded the runs saw none of them', async () => {
    const evolution = await createEvolution({ databaseUrl });
    try {
      await evolution.tracker.withTask({ id: 'one', type: 'x' }, () =>
        evolution.tracker.withExecution({ agent: { id: 'a' } }, (span) =>
          evolution.tracker.linkReward(span, { value: 1 }),
        ),
      );
      expect(await evolution.learner.learn()).toMatchObject({ executions: 1, units: 1 });
    } finally {
      await evolution.close();
    }
  });

  test('a run that succeeded was explained as if it had failed; a trace and a beginning name it too', async () => {
    const traces = JSON.parse((await run('traces', '--json')).out) as {
      items: { trace_id: string; execution_id: string }[];
    };
    const [{ trace_id: trace, execution_id: id } = { trace_id: '', execution_id: '' }] =
      traces.items;
    for (const name of [id, id.slice(0, 8), trace]) {
      const { code, out } = await run('why', name);
      expect({ code, out }).toMatchObject({
        code: 0,
        out: expect.stringMatching(/^This run succeeded\. /) as string,
      });
    }
    const unknown = await run('why', 'nonsense');
    expect(unknown).toMatchObject({ code: 1, out: '' });
    expect(unknown.err).toContain('otel-evolution tasks show TASK');
  });

  test('candidates takes --dimension, as the library and HTTP do', async () => {
    expect(await run('candidates', '--dimension', 'reward')).toMatchObject({ code: 0 });
    const wrong = await run('candidates', '--dimension', 'nope');
    expect(wrong).toMatchObject({ code: 3, out: '' });
    expect(wrong.err).toContain('"nope"');
  });
});

test('"Cannot say" was followed by an expected effect of +0.0 [−100, +100]', async () => {
  const databaseUrl = `sqlite:${newFolder()}/none.db`;
  const evolution = await createEvolution({ databaseUrl });
  await evolution.store.storePattern(makePattern({ id: 'aa11' }));
  await evolution.close();
  const { code, out } = await runCli(['applicable', 'aa11', '--db', databaseUrl]);
  expect({ code, out }).toEqual({
    code: 0,
    out: 'Cannot say: no context has runs on both sides to compare.\n',
  });
});
