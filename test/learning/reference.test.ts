import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createPatternLearner, type AuditKey, type CandidatesView } from '../../src/learning';
import type { ClosedExecution } from '../../src/model/learning';
import type { CandidateEvidence } from '../../src/model/pattern';
import { readTau2AirlineRuns, readTauBenchRuns } from '../support/bench-runs';
import { dataDir, describeWithData } from '../support/data-dir';
import { listMemory, readerOf, steppingClock } from '../support/memory-learning';

// Reference answers computed with SciPy: they lie beside the data.

interface Reference {
  readonly runs: number;
  readonly candidates: readonly {
    readonly predicate: string;
    readonly n_with: number;
    readonly successes_with: number;
    readonly n_without: number;
    readonly successes_without: number;
    readonly fisher_p: number;
    readonly q_marginal: number;
    readonly strata: Readonly<
      Record<
        string,
        {
          readonly cmh_p: number | null;
          readonly q: number | null;
          readonly odds_ratio_mh: number | null;
          readonly informative_strata: number;
        }
      >
    >;
  }[];
  readonly below_q_05: { readonly marginal: number; readonly task: number; readonly agent: number };
}

const referenceKinds = [
  'tool',
  'tool>=3',
  'bigram',
  'any_tool_error',
  'tool_errors>=2',
  'error',
  'retry_after_error',
  'no_tool_calls',
  'last',
];

async function auditOf(
  executions: readonly ClosedExecution[],
  by: AuditKey,
): Promise<CandidatesView> {
  const learner = createPatternLearner({
    reader: readerOf(executions),
    memory: listMemory(),
    clock: steppingClock(),
  });
  return learner.candidates({ by: [by], minSupport: 10, kinds: referenceKinds });
}

describeWithData.each([
  ['tau-bench', 'candidates.gpt-4o-airline.json', readTauBenchRuns, 48, 200],
  ['tau2-bench', 'candidates.airline-7-agents.json', readTau2AirlineRuns, 59, 344],
] as const)('the audit view reproduces %s/%s', (folder, file, read, count, runs) => {
  const reference = (): Reference =>
    JSON.parse(readFileSync(join(dataDir, folder, file), 'utf8')) as Reference;

  test.each(['task', 'agent'] as const)('by %s', async (by) => {
    const { below_q_05: below, candidates } = reference();
    const view = await auditOf(read(), by);
    expect(view.executions).toBe(runs);
    expect(view.candidates.map(({ predicate }) => predicate.text)).toEqual(
      candidates.map(({ predicate }) => predicate),
    );
    expect(view.candidates).toHaveLength(count);
    view.candidates.forEach((evidence, i) => {
      const expected = candidates[i]!;
      expectSame(evidence, expected, expected.strata[by]!);
    });
    expect(countBelow(view.candidates, 'qStratified')).toBe(below[by]);
    expect(countBelow(view.candidates, 'qMarginal')).toBe(below.marginal);
  });
});

function expectSame(
  evidence: CandidateEvidence,
  expected: Reference['candidates'][number],
  strata: Reference['candidates'][number]['strata'][string],
): void {
  expect([
    evidence.nWith,
    evidence.successesWith,
    evidence.nWithout,
    evidence.successesWithout,
    evidence.informativeStrata,
  ]).toEqual([
    expected.n_with,
    expected.successes_with,
    expected.n_without,
    expected.successes_without,
    strata.informative_strata,
  ]);
  expectClose(evidence.pMarginal, expected.fisher_p);
  expectClose(evidence.qMarginal, expected.q_marginal);
  expectClose(evidence.pStratified, strata.cmh_p);
  expectClose(evidence.qStratified, strata.q);
  expectClose(evidence.oddsRatioMh, strata.odds_ratio_mh);
}

function expectClose(actual: number | null, expected: number | null): void {
  if (expected === null) expect(actual).toBeNull();
  else expect(Math.abs((actual ?? NaN) - expected)).toBeLessThan(1e-8);
}

function countBelow(
  candidates: readonly CandidateEvidence[],
  q: 'qMarginal' | 'qStratified',
): number {
  return candidates.filter((evidence) => (evidence[q] ?? 1) < 0.05).length;
}
