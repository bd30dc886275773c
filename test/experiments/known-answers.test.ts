import { checkRegression, compareStored, sampleRatioPValue } from '../../src/experiments';
import { readTau2AbRuns } from '../support/bench-runs';
import { describeWithData } from '../support/data-dir';

test('Cookie Cats: the sample ratio is off', () => {
  expect(sampleRatioPValue([44_700, 45_489], [0.5, 0.5])).toBeCloseTo(0.0086, 4);
});

describeWithData('tau2-bench: gpt-4.1 against its fine-tuned self', () => {
  test('telecom: 18 of 40 against 30 of 40, paired 0 against 12', () => {
    const analysis = compareStored(
      readTau2AbRuns('telecom', 'gpt-4.1'),
      readTau2AbRuns('telecom', 'gpt-4.1-sft'),
    );
    expect(
      analysis.variants.map(({ units, mean }) => [units, Math.round(1e9 * mean! * units) / 1e9]),
    ).toEqual([
      [40, 18],
      [40, 30],
    ]);
    expect(analysis.paired).toMatchObject({
      tasks: 40,
      onlyControl: 0,
      onlyTreatment: 12,
      test: 'mcnemar_exact',
    });
    expect(analysis.paired!.pValue.toFixed(5)).toBe('0.00049');
    expect(analysis).toMatchObject({
      decision: 'ship',
      winner: 'treatment',
      wording: 'associated_with',
    });
  });

  test('airline: 10 of 20 against 13 of 20 decides nothing and says how many more', () => {
    const analysis = compareStored(
      readTau2AbRuns('airline', 'gpt-4.1'),
      readTau2AbRuns('airline', 'gpt-4.1-sft'),
    );
    expect(
      analysis.variants.map(({ units, mean }) => [units, Math.round(1e9 * mean! * units) / 1e9]),
    ).toEqual([
      [20, 10],
      [20, 13],
    ]);
    expect(analysis).toMatchObject({ decision: 'no_decision', winner: null });
    expect(analysis.neededUnits).toBeGreaterThan(20);
    expect(analysis.reason).toMatch(/no difference shown: .* about \d+ more tasks would show/);
  });

  test('the gate: a proven fall fails, a gain passes, too few runs say what would be needed', () => {
    const [base, tuned] = [
      readTau2AbRuns('telecom', 'gpt-4.1'),
      readTau2AbRuns('telecom', 'gpt-4.1-sft'),
    ];
    expect(checkRegression(tuned, base)).toMatchObject({ verdict: 'regression', pairedTasks: 40 });
    expect(checkRegression(base, tuned).verdict).toBe('excluded');
    const airline = checkRegression(
      readTau2AbRuns('airline', 'gpt-4.1'),
      readTau2AbRuns('airline', 'gpt-4.1-sft'),
    );
    expect(airline.verdict).toBe('none_shown');
    expect(airline.reason).toMatch(
      /^no regression beyond 3\.0 points shown: .*; about \d+ tasks more would exclude one$/,
    );
  });
});
