import { featureColumn, scoreAdjusted } from './adjusted-score';
import type { Candidate } from '../candidates/candidate';
import { chooseComparison, type Comparison } from './comparison';
import { ConfidenceScorer, type ConfidenceScore } from './confidence-scorer';
import { createFrames, type Frame } from './frames';
import type { LearningSettings } from '../units/learning-settings';
import type { OutcomeColumn } from '../units/outcome-column';
import { findRandomisedKnobs } from './randomised-knobs';
import { sampleRuns } from './sample';
import { scoreOptimization } from './score-optimization';
import { createStratifier, type StratumCodes } from './strata';
import type { StratumKey } from '../units/stratum-keys';
import type { UnitTable } from '../units/unit-table';

export interface ScoreOptions {
  /** Of the interval. @defaultValue .95 */
  readonly level?: number;
  /** Candidates whose features the comparison is freed of besides; with a list, though it be empty, the test is the adjusted one. */
  readonly beside?: readonly Candidate[];
}

/** Everything that the tests of one look share. */
export interface Workbench {
  readonly table: UnitTable;
  readonly settings: LearningSettings;
  comparisonOf(candidate: Candidate): Comparison;
  frameOf(comparison: Comparison, candidate: Candidate, column: OutcomeColumn): Frame;
  strataOf(keys: readonly StratumKey[], candidate: Candidate): StratumCodes;
  /**
   * The test of a candidate under a comparison: stratified for what was randomised, else the adjusted
   * score test.
   */
  score(
    candidate: Candidate,
    column: OutcomeColumn,
    comparison: Comparison,
    options?: ScoreOptions,
  ): ConfidenceScore;
}

export function createWorkbench(table: UnitTable, settings: LearningSettings): Workbench {
  const strataOf = createStratifier(table, settings);
  const frames = createFrames(table, settings);
  const randomisedKnobs = findRandomisedKnobs(table);
  const freed = new WeakMap<Frame, Map<string, Frame>>();
  const freedFrame = (frame: Frame, others: readonly Candidate[], y: OutcomeColumn): Frame => {
    if (others.length === 0) return frame;
    const known = freed.get(frame) ?? new Map<string, Frame>();
    freed.set(frame, known);
    const name = JSON.stringify(others.map(({ predicate }) => predicate.text));
    const made = known.get(name) ?? freeFrame(frame, others, y);
    known.set(name, made);
    return made;
  };
  const scoreOutcome: Workbench['score'] = (candidate, column, comparison, options = {}) => {
    const { level = 0.95, beside } = options;
    if (comparison.rule === 'randomised' && beside === undefined) {
      const strata = strataOf(comparison.groups, candidate);
      const sample = sampleRuns(candidate, column, strata);
      return new ConfidenceScorer({ minSupport: settings.minSupport, level }).score(sample);
    }
    const frame = freedFrame(frames.frameOf(comparison, candidate, column), beside ?? [], column);
    return scoreAdjusted(candidate, comparison, frame, column, level);
  };
  const guardOf = rememberGuards();
  return {
    table,
    settings,
    comparisonOf: (candidate) => chooseComparison(candidate, table, randomisedKnobs),
    frameOf: (comparison, candidate, column) => frames.frameOf(comparison, candidate, column),
    strataOf,
    score(candidate, column, comparison, options) {
      const saving = scoreOutcome(candidate, column, comparison, options);
      if (column.guard === undefined || saving.reason !== null) return saving;
      const outcome = scoreOutcome(candidate, guardOf(column), comparison, options);
      return scoreOptimization(saving, outcome, column.guard.margin);
    },
  };
}

/** The outcome of the runs whose spending is known; one object for each column, since frames are kept by it. */
function rememberGuards(): (column: OutcomeColumn) => OutcomeColumn {
  const known = new WeakMap<OutcomeColumn, OutcomeColumn>();
  return (column) => {
    const outcome = column.guard?.column ?? column;
    const made = known.get(column) ?? {
      ...outcome,
      values: outcome.values.map((value, i) =>
        Number.isNaN(column.values[i] ?? NaN) ? NaN : value,
      ),
    };
    known.set(column, made);
    return made;
  };
}

function freeFrame(frame: Frame, others: readonly Candidate[], y: OutcomeColumn): Frame {
  const size = y.values.length;
  const columns = others.map(({ bits }) => featureColumn(bits, size));
  const adjustment = frame.adjustment.freedOf(columns);
  return { ...frame, adjustment, y: adjustment.residuals(y.values) };
}

/** All units within groups by these keys, freed of nothing else: for a reader's comparison. */
export function compareWithin(groups: readonly StratumKey[]): Comparison {
  return { rule: 'adjusted', groups, cells: [], ownKnobs: [], marks: [] };
}
