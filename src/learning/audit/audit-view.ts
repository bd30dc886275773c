import { InputError } from '../../errors';
import type { CandidatesQuery, CandidatesView } from '../../model/learned';
import type { CandidateEvidence } from '../../model/pattern';
import { auditCandidates } from './audit-candidates';
import type { Candidate } from '../candidates/candidate';
import { generateCandidates } from '../candidates/candidates';
import type { LearningSettings } from '../units/learning-settings';
import { dimensionsOf, outcomeColumn } from '../units/outcome-column';
import { patternIdOf, type Registry } from '../look/registry';
import type { StratumKey } from '../units/stratum-keys';
import type { UnitTables } from '../units/unit-collector';
import { createWorkbench } from '../comparison/workbench';

/** Kinds that `candidates --kinds` knows. */
const candidateKinds: readonly string[] = [
  'agent',
  'any_model_error',
  'any_tool_error',
  'attr',
  'before',
  'bigram',
  'config',
  'conjunction',
  'error',
  'fan_out>=2',
  'fan_out>=3',
  'fan_out>=5',
  'first',
  'interaction',
  'last',
  'loop',
  'model',
  'model_errors>=3',
  'never_after',
  'no_tool_calls',
  'num',
  'retry_after_error',
  'tag',
  'tool',
  'tool>=2',
  'tool>=3',
  'tool_errors>=2',
  'trigram',
];

const stratumKeys: ReadonlyMap<string, StratumKey> = new Map([
  ['task', 'task'],
  ['agent', 'agent'],
  ['type', 'task.type'],
  ['epoch', 'epoch'],
]);

/** The audit view over the units; equal sets stay apart, so that a reader finds every name. */
export function auditView(
  { tested, estimated: table }: UnitTables,
  registry: Registry,
  settings: LearningSettings,
  query: CandidatesQuery,
): CandidatesView {
  const { by = [], dimension = dimensionsOf(table, settings)[0] ?? 'reward' } = query;
  const kinds = requireKinds(query.kinds);
  const keys = requireKeys(by);
  const column = outcomeColumn(table, dimension, settings);
  if (column.known === 0 && table.units.length > 0) {
    throw new InputError(`No execution has an outcome in the dimension "${dimension}".`);
  }
  const candidates = generateCandidates(table, withSupport(settings, query.minSupport), {
    mergeAliases: false,
  })
    .filter(({ kind }) => kinds.has(kind))
    .sort(byText);
  const representatives = representativesOf(generateCandidates(table, settings));
  const bench = createWorkbench(table, settings);
  const evidence = auditCandidates(
    candidates,
    column,
    keys,
    (candidate) => ({
      registration: registry.get(patternIdOf(candidate, dimension, bench.comparisonOf(candidate))),
      untested: untestedReason(candidate, representatives),
    }),
    bench,
  );
  const { refusal } = tested.sampling;
  const shown = refusal === null ? evidence : evidence.map((each) => withoutTests(each, refusal));
  return { executions: column.known, by, candidates: shown };
}

/** Runs that were kept because of how they went are counted and weighted, never tested. */
function withoutTests(evidence: CandidateEvidence, refusal: string): CandidateEvidence {
  const untested = { pMarginal: null, qMarginal: null, pStratified: null, qStratified: null };
  return { ...evidence, ...untested, reason: refusal.split('\n', 1)[0] ?? refusal };
}

/** By alias: the candidate that looks test in its place. */
function representativesOf(candidates: readonly Candidate[]): ReadonlyMap<string, string> {
  return new Map(
    candidates.flatMap(({ aliases, predicate }) =>
      aliases.map((alias) => [alias, predicate.text] as const),
    ),
  );
}

function untestedReason(
  { predicate }: Candidate,
  representatives: ReadonlyMap<string, string>,
): string {
  const other = representatives.get(predicate.text);
  return other === undefined ? 'not tested at a look yet' : `the same runs, or nearly, as ${other}`;
}

function byText(x: Candidate, y: Candidate): number {
  return x.predicate.text < y.predicate.text ? -1 : 1;
}

function requireKinds(kinds: readonly string[] = candidateKinds): ReadonlySet<string> {
  const unknown = kinds.find((kind) => !candidateKinds.includes(kind));
  if (unknown === undefined) return new Set(kinds);
  throw new InputError(`Unknown kind of candidate "${unknown}".`, {
    hint: `Kinds: ${candidateKinds.join(', ')}.`,
  });
}

function requireKeys(by: readonly string[]): StratumKey[] {
  return by.map((name) => {
    const key = stratumKeys.get(name);
    if (key !== undefined) return key;
    throw new InputError(`Unknown stratum "${name}".`, {
      hint: `Strata: ${[...stratumKeys.keys()].join(', ')}, joined by commas.`,
    });
  });
}

function withSupport(settings: LearningSettings, minSupport: number | undefined): LearningSettings {
  if (minSupport === undefined) return settings;
  if (Number.isInteger(minSupport) && minSupport >= 1) {
    return { ...settings, minSupport, minSupportShare: 0 };
  }
  throw new InputError(`min-support must be an integer from 1, got ${minSupport}.`);
}
