import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import {
  benjaminiHochberg,
  cmhTest,
  fisherExact,
  mantelHaenszelOddsRatio,
  type Table2x2,
} from '../../src/stats';
import { relativeError } from './relative-error';

interface Stratified {
  readonly cmh_p: number | null;
  readonly q: number | null;
  readonly odds_ratio_mh: number | null;
  readonly informative_strata: number;
}

interface Candidate {
  readonly predicate: string;
  readonly n_with: number;
  readonly successes_with: number;
  readonly n_without: number;
  readonly successes_without: number;
  readonly fisher_p: number;
  readonly q_marginal: number;
  readonly strata: Readonly<Record<'task' | 'agent', Stratified>>;
}

interface Run {
  readonly task_id: number;
  readonly reward: number;
  readonly traj: readonly {
    readonly role: string;
    readonly content?: string | null;
    readonly tool_calls?: readonly { readonly function: { readonly name: string } }[] | null;
  }[];
}

const repository = resolve(dirname(__filename), '../..');
const configured = process.env.EVOLUTION_DATA_DIR;
const dataDirectory = configured ?? resolve(repository, '../shared/data');
const files = [
  'tau-bench/candidates.gpt-4o-airline.json',
  'tau2-bench/candidates.airline-7-agents.json',
];
const present = files.every((file) => existsSync(join(dataDirectory, file)));

function candidatesOf(file: string): readonly Candidate[] {
  const text = readFileSync(join(dataDirectory, file), 'utf8');
  return (JSON.parse(text) as { candidates: readonly Candidate[] }).candidates;
}

if (present) {
  describe.each(files)('reference answers of %s (SciPy)', checkFile);
  describe('CMH by task on the tau-bench runs', checkTaskStrata);
} else {
  describe('reference answers', () => {
    it('needs the data that EVOLUTION_DATA_DIR names', () => {
      if (configured !== undefined) {
        throw new Error(`EVOLUTION_DATA_DIR=${configured} must hold ${files.join(' and ')}`);
      }
      process.stderr.write(`reference candidates: data absent in ${dataDirectory}, skipped\n`);
    });
  });
}

function checkFile(file: string): void {
  const candidates = candidatesOf(file);

  it('has candidates', () => {
    expect(candidates.length).toBeGreaterThan(30);
  });

  it.each(candidates)('$predicate: Fisher', (candidate) => {
    const { pValue } = fisherExact(tableOf(candidate));
    expect(relativeError(pValue, candidate.fisher_p)).toBeLessThan(1e-8);
  });

  it('adjusts the marginal p-values as printed', () => {
    const q = benjaminiHochberg(candidates.map(({ fisher_p: p }) => p));
    candidates.forEach((candidate, i) => {
      expect(relativeError(q[i] ?? NaN, candidate.q_marginal)).toBeLessThan(1e-12);
    });
  });

  it.each(['task', 'agent'] as const)('adjusts the p-values by %s where they exist', (by) => {
    const known = candidates.map(({ strata }) => strata[by]).filter((s) => s.cmh_p !== null);
    const q = benjaminiHochberg(known.map(({ cmh_p: p }) => p ?? NaN));
    known.forEach((stratified, i) => {
      expect(relativeError(q[i] ?? NaN, stratified.q ?? NaN)).toBeLessThan(1e-12);
    });
  });
}

function checkTaskStrata(): void {
  const candidates = candidatesOf('tau-bench/candidates.gpt-4o-airline.json');
  const packed = readFileSync(join(dataDirectory, 'tau-bench/gpt-4o-airline.json.gz'));
  const runs = JSON.parse(gunzipSync(packed).toString('utf8')) as readonly Run[];
  const checked = candidates.filter(({ predicate }) => featureOf(predicate) !== null);

  it('recognises most candidates', () => {
    expect(checked.length).toBeGreaterThan(30);
  });

  it.each(checked)('$predicate', (candidate) => {
    const feature = featureOf(candidate.predicate) ?? ((): boolean => false);
    const strata = strataOf(runs, feature);
    const total = sumOf(strata);
    expect(total).toEqual(tableOf(candidate));
    const { task, agent } = candidate.strata;
    expectAnswer(strata, task);
    expectAnswer([total], agent);
  });
}

function expectAnswer(strata: readonly Table2x2[], expected: Stratified): void {
  const result = cmhTest(strata, { continuity: true });
  expect(result.informativeStrata).toBe(expected.informative_strata);
  if (expected.cmh_p === null || result.pValue === null) {
    expect(result.pValue).toBe(expected.cmh_p);
  } else {
    expect(relativeError(result.pValue, expected.cmh_p)).toBeLessThan(1e-9);
  }
  const { oddsRatio } = mantelHaenszelOddsRatio(strata, 0.95);
  if (expected.odds_ratio_mh === null || oddsRatio === null) {
    expect(oddsRatio).toBe(expected.odds_ratio_mh);
  } else {
    expect(relativeError(oddsRatio, expected.odds_ratio_mh)).toBeLessThan(1e-12);
  }
}

function tableOf(candidate: Candidate): Table2x2 {
  return {
    a: candidate.successes_with,
    b: candidate.n_with - candidate.successes_with,
    c: candidate.successes_without,
    d: candidate.n_without - candidate.successes_without,
  };
}

type Feature = (tools: readonly string[], run: Run) => boolean;

/** The predicates whose meaning is plain; null for the others. */
function featureOf(predicate: string): Feature | null {
  const errors = (run: Run): number =>
    run.traj.filter(({ role, content }) => role === 'tool' && content?.startsWith('Error')).length;
  if (predicate === 'any_tool_error') return (_tools, run) => errors(run) >= 1;
  if (predicate === 'tool_errors>=2') return (_tools, run) => errors(run) >= 2;
  const [kind, name = ''] = predicate.split(/:(.*)/s);
  if (kind === 'tool') {
    const [tool = '', least = '1'] = name.split('>=');
    return (tools) => tools.filter((used) => used === tool).length >= Number(least);
  }
  if (kind === 'last') return (tools) => tools.at(-1) === name;
  if (kind !== 'bigram') return null;
  return (tools) => tools.some((tool, i) => i > 0 && `${tools[i - 1]}>${tool}` === name);
}

function strataOf(runs: readonly Run[], feature: Feature): Table2x2[] {
  const byTask = new Map<number, Table2x2>();
  for (const run of runs) {
    const tools = run.traj.flatMap((message) =>
      (message.tool_calls ?? []).map((call) => call.function.name),
    );
    const { a, b, c, d } = byTask.get(run.task_id) ?? { a: 0, b: 0, c: 0, d: 0 };
    const success = run.reward >= 0.5 ? 1 : 0;
    const cells = feature(tools, run)
      ? { a: a + success, b: b + 1 - success, c, d }
      : { a, b, c: c + success, d: d + 1 - success };
    byTask.set(run.task_id, cells);
  }
  return [...byTask.values()];
}

function sumOf(strata: readonly Table2x2[]): Table2x2 {
  return strata.reduce((sum, t) => ({
    a: sum.a + t.a,
    b: sum.b + t.b,
    c: sum.c + t.c,
    d: sum.d + t.d,
  }));
}
