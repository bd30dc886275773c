import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { experimentAnalysisSchema, regressionCheckSchema } from '../../src/wire';
import { dataDir, describeWithData } from '../support/data-dir';
import { runCli } from '../support/run-cli';

// The two arms of tau2-bench, through the command line as a pipeline would call it.

describeWithData('stored runs against each other', () => {
  const folder = mkdtempSync(join(tmpdir(), 'cli-experiments-'));
  const db = `sqlite:${join(folder, 'runs.db')}`;
  const tuned = 'agent=llm_agent/gpt-4.1-sft';
  let base = '';
  let candidate = '';

  beforeAll(async () => {
    const files = [
      'ab_telecom.gpt-4.1',
      'ab_telecom.gpt-4.1-sft',
      'ab_airline.gpt-4.1',
      'ab_airline.gpt-4.1-sft',
    ];
    const paths = files.map((file) => join(dataDir, 'tau2-bench', `${file}.json.gz`));
    expect((await runCli(['import', ...paths, '--db', db])).code).toBe(0);
    const { out } = await runCli(['stats', '--db', db, '--json']);
    const { agents } = JSON.parse(out) as { agents: { agent_id: string }[] };
    const ids = agents.map(({ agent_id }) => agent_id).sort((a, b) => a.length - b.length);
    expect(ids).toHaveLength(2);
    [base, candidate] = [`agent=${ids[0]}`, `agent=${ids[1]}`];
  }, 120_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('experiment analyze: telecom, exact McNemar .00049', async () => {
    const line = [
      'experiment',
      'analyze',
      '--control',
      `${base},type=telecom`,
      '--treatment',
      `${candidate},type=telecom`,
      '--db',
      db,
    ];
    const analysis = experimentAnalysisSchema.parse(
      JSON.parse((await runCli([...line, '--json'])).out),
    );
    expect(analysis.variants.map(({ units, mean }) => [units, Math.round(units * mean!)])).toEqual([
      [40, 18],
      [40, 30],
    ]);
    expect(analysis.paired).toMatchObject({ only_control: 0, only_treatment: 12 });
    expect(analysis.paired!.p_value.toFixed(5)).toBe('0.00049');
    const { out, code } = await runCli(line);
    expect(code).toBe(0);
    expect(out).toMatch(/^Treatment goes with more success: 30\.0 points/);
    expect(out).toContain('0 passed under control only and 12 under treatment only');
  });

  test('experiment analyze: airline decides nothing and says how many more', async () => {
    const { out } = await runCli([
      'experiment',
      'analyze',
      '--control',
      `${base},type=airline`,
      '--treatment',
      `${candidate},type=airline`,
      '--db',
      db,
    ]);
    expect(out).toMatch(/^No difference shown: 15\.0 points .*; about \d+ more tasks would show/);
  });

  test('check: 8 for a proven regression, with a JUnit file that fails', async () => {
    const junit = join(folder, 'check.xml');
    const { code, out } = await runCli([
      'check',
      '--baseline',
      `${candidate},type=telecom`,
      '--candidate',
      `${base},type=telecom`,
      '--junit',
      junit,
      '--json',
      '--db',
      db,
    ]);
    expect(code).toBe(8);
    expect(regressionCheckSchema.parse(JSON.parse(out))).toMatchObject({
      verdict: 'regression',
      paired_tasks: 40,
    });
    expect(readFileSync(junit, 'utf8')).toMatch(
      /failures="1".*<failure message="success fell by more than 3\.0 points/s,
    );
  });

  test('check: 0 for what is not proven, in words', async () => {
    const { code, out } = await runCli([
      'check',
      '--baseline',
      `${base},type=airline`,
      '--candidate',
      `${candidate},type=airline`,
      '--db',
      db,
    ]);
    expect(code).toBe(0);
    expect(out).toMatch(
      /^No regression beyond 3\.0 points shown: .*; about \d+ tasks more would exclude one\.\n$/,
    );
  });

  test('check: a filter that selects nothing and a metric that nobody has end with 3, not with 0', async () => {
    const sides = ['--baseline', base, '--candidate'];
    const nothing = await runCli(['check', ...sides, 'type=telcom', '--db', db]);
    expect([nothing.code, nothing.err]).toEqual([
      3,
      expect.stringContaining('filter of candidate selects no closed run'),
    ]);
    for (const [metric, said] of [
      ['sucess', 'unknown metric "sucess". Did you mean "success"'],
      ['latency', 'metric must be success, errors or a reward dimension, got latency'],
    ] as const) {
      const { code, err } = await runCli([
        ...['check', ...sides, candidate, '--db', db],
        ...['--metric', metric],
      ]);
      expect([code, err]).toEqual([3, expect.stringContaining(said)]);
    }
  });

  test('filters that share runs, a margin that is none and a missing filter are refused', async () => {
    const shared = await runCli([
      'check',
      '--baseline',
      'type=telecom',
      '--candidate',
      base,
      '--db',
      db,
    ]);
    expect([shared.code, shared.err]).toEqual([3, expect.stringContaining('share 40 runs')]);
    const margin = await runCli([
      'check',
      '--baseline',
      base,
      '--candidate',
      tuned,
      '--margin',
      '1',
      '--db',
      db,
    ]);
    expect([margin.code, margin.err]).toEqual([3, expect.stringContaining('no number in [0, 1)')]);
    expect((await runCli(['check', '--baseline', base, '--db', db])).code).toBe(3);
  });
});
