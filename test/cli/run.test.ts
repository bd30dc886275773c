import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { nextCommand } from '../../src/cli/context';
import { selfAuditSchema } from '../../src/wire';
import { expectDocument } from '../support/expect-document';
import { runCli } from '../support/run-cli';
import { dataDir, describeWithData } from '../support/data-dir';

const airlineFiles = [
  'airline.aide_claude-sonnet-4-5.json.gz',
  'airline.azure-full.json.gz',
  'airline.button_claude-opus-4-6.json.gz',
  'airline.ironshell_opus-4-6.json.gz',
  'airline.langchain_gpt-oss-120b.json.gz',
  'airline.qwen2.5-7b.json.gz',
  'airline.whissle.json.gz',
];

const newDatabase = (): string =>
  `sqlite:${join(mkdtempSync(join(tmpdir(), 'evolution-cli-')), 'test.db')}`;

/** A database with its tables and nothing else. */
async function emptyDatabase(): Promise<string> {
  const db = newDatabase();
  expect((await runCli(['migrate', 'up', '--db', db])).code).toBe(0);
  return db;
}

describe('help and mistakes', () => {
  test('help lists every command, with where to start', async () => {
    const { code, out } = await runCli(['--help']);
    expect(code).toBe(0);
    for (const command of [
      'serve',
      'demo',
      'import',
      'export',
      'stats',
      'tasks',
      'traces',
      'spans',
      'rewards',
      'learn',
      'patterns',
      'candidates',
      'ledger',
      'doctor',
      'migrate',
      'config',
      'completion',
    ]) {
      expect(out).toMatch(new RegExp(`^  ${command}\\b`, 'm'));
    }
    expect(out).toContain('$ otel-evolution demo');
  });

  test.each([
    [['lern'], 'Did you mean learn?'],
    [['learn', '--jsom'], 'Did you mean --json?'],
    [['import', 'x', '--format', 'tau'], 'Allowed choices are auto, otlp-json'],
    [['tasks', '--where', 'agnet=x'], 'Did you mean "agent"?'],
    [['patterns', '--where', 'status=observed'], 'its own status has --status'],
    [['tasks', '--limit', '0'], '"0" is no positive whole number.'],
    [['serve', '--port', '70000'], '"70000" is no port'],
    [['candidates', '--by', 'taks'], 'Did you mean "task"?'],
    [['tasks', '--db', 'mysql://x'], 'sqlite'],
  ])('%j is a bad argument with advice', async (arguments_, advice) => {
    const { code, err } = await runCli(arguments_.includes('--db') ? arguments_ : [...arguments_]);
    expect(code).toBe(3);
    expect(err).toContain(advice);
  });

  test('with --json an error is a problem on stderr', async () => {
    const { code, out, err } = await runCli([
      'patterns',
      'explain',
      'nothing',
      '--db',
      await emptyDatabase(),
      '--json',
    ]);
    expect(code).toBe(1);
    expect(out).toBe('');
    expect(JSON.parse(err)).toMatchObject({ code: 'not_found', hint: 'otel-evolution patterns' });
  });

  test.each([
    [['tasks', '--json', '--limitt', '3'], "unknown option '--limitt'"],
    [['tasks', '--json', '--limit', '0'], "option '--limit <n>' argument '0' is invalid"],
    [['tasks', '--json', '--where', 'agnet=x'], 'Unknown filter key'],
  ])('%j: with --json a mistake in the command line is one problem, too', async (line, detail) => {
    const { code, err } = await runCli(line);
    expect(code).toBe(3);
    expect(JSON.parse(err)).toEqual({
      type: 'about:blank',
      title: 'Bad Request',
      status: 400,
      code: 'argument_invalid',
      detail: expect.stringContaining(detail) as string,
      hint: null,
      instance: null,
    });
  });

  test('rewards refuse a filter that they do not have, instead of showing all', async () => {
    const { code, err } = await runCli(['rewards', '--where', 'agent=x', '--db', newDatabase()]);
    expect(code).toBe(3);
    expect(err).toContain('task, execution, trace, since and until');
  });

  test('a file that cannot be imported is named', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'evolution-cli-'));
    const file = join(folder, 'hello.txt');
    writeFileSync(file, 'hello');
    const db = newDatabase();
    for (const path of [file, join(folder, 'absent.json'), folder]) {
      const { code, err } = await runCli(['import', path, '--db', db]);
      expect(code).toBe(3);
      expect(err).toContain(`error: ${path}: `);
    }
  });

  describe('environment variables that are wrong', () => {
    afterEach(() => {
      delete process.env.EVOLUTION_CAPTURE_CONTENT;
      delete process.env.EVOLUTION_TOKEN;
    });

    test('are told by every command that opens the database', async () => {
      process.env.EVOLUTION_CAPTURE_CONTENT = 'yes';
      const { code, err } = await runCli(['stats', '--db', await emptyDatabase()]);
      expect(code).toBe(0);
      expect(err).toMatch(/^warning: EVOLUTION_CAPTURE_CONTENT: /);
    });

    test('serve does not start without the token that was meant', async () => {
      process.env.EVOLUTION_TOKEN = 'short';
      const { code, err } = await runCli(['serve', '--port', '0', '--db', newDatabase()]);
      expect(code).toBe(3);
      expect(err).toContain('16 characters');
    });
  });

  test('serve on a port that is taken says so', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const { code, err } = await runCli(['serve', '--port', String(port), '--db', newDatabase()]);
    other.close();
    expect(code).toBe(3);
    expect(err).toContain(`port ${port}: the port is taken`);
    expect(err).not.toContain('    at ');
  });

  test('a database that is away has an exit code of its own', async () => {
    const { code, err } = await runCli(['stats', '--db', 'postgres://x:y@127.0.0.1:9/none']);
    expect(code).toBe(5);
    expect(err).toMatch(/error:/);
  });
});

describe('a path that was mistyped', () => {
  test.each([
    ['stats'],
    ['tasks'],
    ['traces', 'show', 'ab'],
    ['spans'],
    ['rewards'],
    ['patterns'],
    ['patterns', 'explain', 'ab'],
    ['candidates'],
    ['learn'],
    ['export'],
    ['migrate', 'status'],
  ])('%s %s makes no database', async (...line: string[]) => {
    const db = newDatabase();
    const { code, err, out } = await runCli([...line.filter((word) => word !== ''), '--db', db]);
    expect([code, out]).toEqual([5, '']);
    expect(err).toContain(`There is no database ${db}.`);
    expect(existsSync(db.slice('sqlite:'.length))).toBe(false);
  });

  test('what writes makes it, and says so', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'evolution-cli-')), 'runs.jsonl');
    writeFileSync(file, '');
    for (const line of [
      ['migrate', 'up'],
      ['import', file, '--format', 'otlp-json'],
    ]) {
      const db = newDatabase();
      const first = await runCli([...line, '--db', db]);
      expect(first.err).toContain(`New database: ${db}`);
      expect(existsSync(db.slice('sqlite:'.length))).toBe(true);
      expect((await runCli([...line, '--db', db])).err).not.toContain('New database');
    }
  });

  test('on Postgres the tables are not made either', async () => {
    const db = new URL(process.env.TEST_PG_URL!);
    db.searchParams.set('schema', `cli_reader_${process.pid}`);
    const { code, err } = await runCli(['tasks', '--db', db.href]);
    expect(code).toBe(5);
    expect(err).toContain('holds nothing of otel-evolution');
  });
});

describe('credentials', () => {
  test.each([
    [['tasks', '--dburl=postgres://user:hunter2@127.0.0.1:1/name']],
    [['tasks', '--dburl=postgres://user:hunter2@127.0.0.1:1/name', '--json']],
    [['tasks', '--db', 'postgress://user:hunter2@127.0.0.1:1/name']],
    [['tasks', '--db', 'postgres://user:hunter2@127.0.0.1:1/name']],
    [['tasks', '--db', 'postgres://user:hunter2@127.0.0.1:1/name?schema=No Schema', '--json']],
    [['doctor', '--db', 'postgres://user:hunter2@127.0.0.1:1/name']],
    [['config', '--db', 'postgres://user:hunter2@127.0.0.1:1/name', '--json']],
  ])('%j: no answer holds the password', async (line) => {
    const { out, err } = await runCli(line);
    expect(out + err).not.toBe('');
    expect(out + err).not.toContain('hunter2');
  });
});

test('a hint names a database with a password so that it can be pasted', () => {
  expect(nextCommand('learn', { db: 'postgres://user:hunter2@host/name' })).toBe(
    'npx otel-evolution learn --db "$EVOLUTION_DB_URL"',
  );
  expect(nextCommand('learn', { db: 'sqlite:x.db' })).toBe(
    'npx otel-evolution learn --db sqlite:x.db',
  );
});

test('doctor in an empty folder is content', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'evolution-cli-'));
  const before = process.cwd();
  process.chdir(folder);
  try {
    const { code, out } = await runCli(['doctor']);
    expect(code).toBe(0);
    expect(out).toContain('there is none yet at sqlite:./evolution.db');
    expect(readdirSync(folder)).toEqual([]);
  } finally {
    process.chdir(before);
  }
});

test('completion knows the values of options', async () => {
  const { out } = await runCli(['completion', 'bash']);
  const script = `${out}\n_otel_evolution_words export --format; _otel_evolution_words patterns list --type; _otel_evolution_words import x --format otlp-json`;
  const lines = execFileSync('bash', ['-c', script], { encoding: 'utf8' }).trim().split('\n');
  expect(lines[0]).toBe('otlp-json jsonl csv');
  expect(lines[1]).toBe('success anti_pattern optimization');
  expect(lines[2]).toContain('--db');
  expect((await runCli(['completion', 'fish'])).out).toContain(
    "-l format -x -a 'otlp-json jsonl csv'",
  );
});

describe('an empty database', () => {
  test('says what to do', async () => {
    const db = await emptyDatabase();
    expect((await runCli(['stats', '--db', db])).err).toContain('otel-evolution demo');
    expect((await runCli(['tasks', '--db', db])).err).toContain('No tasks match');
    expect((await runCli(['learn', '--db', db])).out).toContain('0 closed executions');
  });

  test('doctor finds it healthy, and a missing schema is named', async () => {
    const db = newDatabase();
    const before = await runCli(['doctor', '--db', db]);
    expect(before.code).toBe(1);
    expect(before.out).toContain(`There is no database ${db}`);
    writeFileSync(db.slice('sqlite:'.length), '');
    const empty = await runCli(['doctor', '--db', db]);
    expect(empty.code).toBe(1);
    expect(empty.out).toContain('`migrate up`');
    expect((await runCli(['migrate', 'up', '--db', db])).code).toBe(0);
    const after = await runCli(['doctor', '--db', db, '--json']);
    expect(after.code).toBe(0);
    expect(JSON.parse(after.out)).toMatchObject({ ok: true });
  });
});

test('config shows values with their source and hides secrets', async () => {
  const { out } = await runCli(['config', '--db', 'postgres://me:hidden@host/db', '--json']);
  const { settings } = JSON.parse(out) as {
    settings: { key: string; value: unknown; source: string }[];
  };
  expect(settings).toContainEqual({
    key: 'databaseUrl',
    value: 'postgres://me:[masked]@host/db',
    source: 'option',
  });
  expect(out).not.toContain('hidden');
});

test.each(['bash', 'zsh', 'fish'])('completion for %s names the commands', async (shell) => {
  const { code, out } = await runCli(['completion', shell]);
  expect(code).toBe(0);
  expect(out).toContain('patterns');
  expect(out).toContain('--min-support');
});

describe('bad input files', () => {
  const fileOf = (name: string, text: string): string => {
    const path = join(mkdtempSync(join(tmpdir(), 'evolution-file-')), name);
    writeFileSync(path, text);
    return path;
  };

  test('an unknown format says what was found and which formats exist', async () => {
    const { code, err } = await runCli([
      'import',
      fileOf('x.json', '{"hello": 1}'),
      '--db',
      newDatabase(),
    ]);
    expect(code).toBe(3);
    expect(err).toMatch(/otlp-json.*tau-bench.*zipkin/s);
  });

  test('among several files a strange one is refused, the others are stored', async () => {
    const good = fileOf('good.jsonl', '{"resourceSpans":[]}\n');
    const strange = fileOf('strange.json', '{"hello": 1}');
    const { code, out } = await runCli(['import', strange, good, '--db', newDatabase(), '--json']);
    expect(code).toBe(6);
    expect(JSON.parse(out)).toMatchObject({
      files: [
        { format: null, refused: [{ count: 1 }] },
        { format: 'otlp-json', refused: [] },
      ],
      totals: { refused: 1 },
    });
  });

  test('a missing file is a bad argument', async () => {
    const { code, err } = await runCli(['import', '/nowhere/x.json', '--db', newDatabase()]);
    expect(code).toBe(3);
    expect(err).toContain('/nowhere/x.json');
  });

  test('good neighbours of a bad line are kept, and the exit code says so', async () => {
    const span = (id: string): string =>
      JSON.stringify({
        resourceSpans: [
          {
            scopeSpans: [
              {
                spans: [
                  {
                    traceId: '0af7651916cd43dd8448eb211c80319c',
                    spanId: id,
                    name: 'chat',
                    startTimeUnixNano: '1700000000000000000',
                    endTimeUnixNano: '1700000001000000000',
                    attributes: [{ key: 'gen_ai.operation.name', value: { stringValue: 'chat' } }],
                  },
                ],
              },
            ],
          },
        ],
      });
    const file = fileOf(
      'x.jsonl',
      `${span('b7ad6b7169203331')}\n{broken\n${span('b7ad6b7169203332')}\n`,
    );
    const { code, out } = await runCli(['import', file, '--db', newDatabase(), '--json']);
    expect(code).toBe(6);
    expect(JSON.parse(out)).toMatchObject({
      totals: { tasks: 1, executions: 1, spans: 2, rewards: 0, refused: 1 },
    });
  });
});

describeWithData('real runs', () => {
  const airline = join(dataDir, 'tau-bench', 'gpt-4o-airline.json.gz');

  test('import twice, look around, learn, and find nothing that is not there', async () => {
    const db = newDatabase();
    const first = await runCli(['import', airline, '--db', db, '--json']);
    expect(first.code).toBe(0);
    expect(JSON.parse(first.out)).toMatchObject({
      totals: { tasks: 50, executions: 200, spans: 3818, rewards: 200, refused: 0 },
    });
    const before = await runCli(['stats', '--db', db, '--json']);
    expect((await runCli(['import', airline, '--db', db])).code).toBe(0);
    const after = await runCli(['stats', '--db', db, '--json']);
    expect(after.out).toBe(before.out);
    expect(JSON.parse(after.out)).toMatchObject({
      tasks: 50,
      executions: 200,
      spans: 3818,
      rewards: 200,
      agents: [{ executions: 200, success_rate: 0.42, latency_ms: null }],
    });

    const page = JSON.parse(
      (await runCli(['tasks', '--db', db, '--limit', '30', '--json'])).out,
    ) as {
      items: { id: string }[];
      next_cursor: string;
    };
    expect(page.items).toHaveLength(30);
    const rest = JSON.parse(
      (await runCli(['tasks', '--db', db, '--cursor', page.next_cursor, '--limit', '30', '--json']))
        .out,
    ) as typeof page;
    expect(rest.items).toHaveLength(20);
    expect(rest.next_cursor).toBeNull();

    const learned = JSON.parse((await runCli(['learn', '--db', db, '--json'])).out) as Record<
      string,
      unknown
    >;
    expect(learned).toMatchObject({
      executions: 200,
      promoted: { observed: 0, confirmed: 0, causal: 0 },
    });
    expect(learned['tested']).toBeGreaterThan(20);
    const { out } = await runCli(['patterns', '--db', db, '--json']);
    expect(JSON.parse(out)).toEqual({ patterns: [], next_cursor: null });

    const ledger = JSON.parse(
      (await runCli(['ledger', '--db', db, '--limit', '5', '--json'])).out,
    ) as { items: object[]; next_cursor: string | null };
    expect(ledger.items).toHaveLength(5);
    expect(ledger.items[0]).toMatchObject({ look: 1, test: 'look', step: null });
    expect(ledger.next_cursor).not.toBeNull();
    expect((await runCli(['ledger', '--db', db])).out).toContain('task x agent');

    const audit = await runCli(['learn', '--audit', '--db', db, '--json']);
    expectDocument(selfAuditSchema, JSON.parse(audit.out) as object);
    expect(JSON.parse(audit.out)).toMatchObject({
      decoys: { claimed: 0 },
      placebos: { claimed: 0 },
      looks: [{ number: 1, units: 200 }],
    });
    const text = await runCli(['learn', '--audit', '--db', db]);
    expect(text.out).toContain('not enough comparable runs');
    expect(text.out).toMatch(/decoys +0 of \d+/);
  }, 120_000);

  test.each([
    ['tau-bench', ['gpt-4o-airline.json.gz'], 'candidates.gpt-4o-airline.json', 'task'],
    ['tau-bench', ['gpt-4o-airline.json.gz'], 'candidates.gpt-4o-airline.json', 'agent'],
    ['tau2-bench', airlineFiles, 'candidates.airline-7-agents.json', 'task'],
    ['tau2-bench', airlineFiles, 'candidates.airline-7-agents.json', 'agent'],
  ] as const)(
    'candidates of %s agree with the reference answers (%#)',
    async (folder, files, reference, by) => {
      const db = newDatabase();
      await runCli(['import', ...files.map((name) => join(dataDir, folder, name)), '--db', db]);
      const { out } = await runCli([
        'candidates',
        '--by',
        by,
        '--min-support',
        '10',
        '--db',
        db,
        '--json',
        '--kinds',
        'tool,tool>=3,bigram,any_tool_error,tool_errors>=2,error,retry_after_error,no_tool_calls,last',
      ]);
      compareWithReference(JSON.parse(out) as CandidatesJson, join(dataDir, folder, reference), by);
    },
    60_000,
  );

  test('what is exported as OTLP comes back as it was', async () => {
    const db = newDatabase();
    await runCli(['import', airline, '--db', db]);
    const filter = ['--where', 'role=tool,tool=think'];
    const exported = await runCli(['export', '--db', db, ...filter]);
    const copy = newDatabase();
    const stdin = Readable.from([exported.out]);
    const { code } = await runCli(['import', '-', '--db', copy], { stdin });
    expect(code).toBe(0);
    expect((await runCli(['export', '--db', copy])).out).toBe(exported.out);
  });

  test('an export in parts is the export as a whole', async () => {
    const db = newDatabase();
    await runCli(['import', airline, '--db', db]);
    const lines = async (...options: string[]): Promise<{ rows: string[]; next: string }> => {
      const { out, err } = await runCli(['export', '--format', 'jsonl', '--db', db, ...options]);
      const next = /More: --cursor (\S+)/.exec(err)?.[1] ?? '';
      return { rows: out.trimEnd().split('\n'), next };
    };
    const whole = await lines();
    expect(whole.rows).toHaveLength(3818);
    expect(whole.next).toBe('');
    const first = await lines('--limit', '1500');
    expect(first.rows).toHaveLength(1500);
    const rest = await lines('--cursor', first.next);
    expect([...first.rows, ...rest.rows]).toEqual(whole.rows);
  });

  test('one reward by its id; an id that nobody has is said to be unknown', async () => {
    const db = newDatabase();
    await runCli(['import', airline, '--db', db]);
    const list = await runCli(['rewards', '--db', db, '--limit', '1', '--json']);
    const [reward] = (JSON.parse(list.out) as { items: { id: string }[] }).items;
    const shown = await runCli(['rewards', 'show', reward!.id, '--db', db]);
    expect(JSON.parse(shown.out)).toEqual(reward);
    const { code, err } = await runCli(['rewards', 'show', 'no-such-id', '--db', db]);
    expect(code).toBe(1);
    expect(err).toContain('There is no reward no-such-id');
  });

  test('tables fit the terminal', async () => {
    const db = newDatabase();
    await runCli(['import', airline, '--db', db]);
    const { out } = await runCli(['tasks', '--db', db], { columns: 80 });
    expect(Math.max(...out.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
  });
});

interface CandidateJson {
  predicate: { text: string };
  n_with: number;
  n_without: number;
  successes_with: number;
  successes_without: number;
  p_marginal: number;
  q_marginal: number;
  p_stratified: number | null;
  q_stratified: number | null;
  odds_ratio_mh: number | null;
  informative_strata: number;
}

interface CandidatesJson {
  executions: number;
  candidates: CandidateJson[];
}

interface ReferenceJson {
  runs: number;
  candidates: {
    predicate: string;
    n_with: number;
    n_without: number;
    successes_with: number;
    successes_without: number;
    fisher_p: number;
    q_marginal: number;
    strata: Record<
      string,
      {
        cmh_p: number | null;
        q: number | null;
        odds_ratio_mh: number | null;
        informative_strata: number;
      }
    >;
  }[];
}

/** Counts exactly, figures to 1e-8. */
function compareWithReference(found: CandidatesJson, referenceFile: string, by: string): void {
  const reference = JSON.parse(readFileSync(referenceFile, 'utf8')) as ReferenceJson;
  expect(found.executions).toBe(reference.runs);
  const byText = new Map(
    found.candidates.map((candidate) => [candidate.predicate.text, candidate]),
  );
  expect([...byText.keys()].sort()).toEqual(reference.candidates.map((c) => c.predicate).sort());
  for (const expected of reference.candidates) {
    const candidate = byText.get(expected.predicate);
    if (candidate === undefined) throw new Error(`${expected.predicate} is missing`);
    expect(candidate).toMatchObject({
      n_with: expected.n_with,
      n_without: expected.n_without,
      successes_with: expected.successes_with,
      successes_without: expected.successes_without,
    });
    const stratum = expected.strata[by];
    expectNear(candidate.p_marginal, expected.fisher_p);
    expectNear(candidate.q_marginal, expected.q_marginal);
    expectNear(candidate.p_stratified, stratum?.cmh_p ?? null);
    expectNear(candidate.q_stratified, stratum?.q ?? null);
    expectNear(candidate.odds_ratio_mh, stratum?.odds_ratio_mh ?? null);
    expect(candidate.informative_strata).toBe(stratum?.informative_strata);
  }
}

function expectNear(found: number | null, expected: number | null): void {
  if (expected === null || found === null) expect(found).toBe(expected);
  else expect(Math.abs(found - expected)).toBeLessThanOrEqual(1e-8);
}
