import type { ClosedExecution, ExecutionStep } from '../../model/learning';
import type { Alternative, Divergence } from '../../model/why';
import { alignSteps } from './align-steps';
import { calledTool, isAgents } from '../features/tool-features';

/** Calls of the agent's tools; of a run without any, its steps. */
export function comparableSteps({ steps }: ClosedExecution): readonly ExecutionStep[] {
  const own = steps.filter(isAgents);
  const calls = own.filter((step) => calledTool(step) !== null);
  return calls.length > 0 ? calls : own.filter((step) => step.parentSpanId !== null);
}

/**
 * Aligns the run with each sibling (tool and argument hash) and finds the first step that none shares, or that
 * nearly all have and the run leaves out. A step whose like the siblings do not share among themselves, such as a
 * free text, says little: it is passed over while a later one says more.
 *
 * @returns `null` where the run does what some sibling did, from beginning to end
 */
export function findDivergence(
  run: ClosedExecution,
  siblings: readonly ClosedExecution[],
): Divergence | null {
  const steps = comparableSteps(run);
  const others = siblings.map((sibling) => alignSibling(steps, comparableSteps(sibling)));
  const total = others.reduce((sum, { weight }) => sum + weight, 0);
  if (total === 0) return null;
  const sharing = shareAmongSiblings(others.map(({ steps: own }) => own));
  const shares = steps.map(
    (_, i) => others.reduce((sum, { weight, same }) => sum + (same[i] ? weight : 0), 0) / total,
  );
  const candidates = [
    ...shares.flatMap((share, i) =>
      share > 0 ? [] : [{ position: i, certainty: sharing(nameOf(steps[i]!)), leftOut: null }],
    ),
    ...omissions(steps, others, total),
  ].sort((a, b) => a.position - b.position || b.certainty - a.certainty);
  const strongest = Math.max(0, ...candidates.map(({ certainty }) => certainty));
  const first = candidates.find(({ certainty }) => certainty >= strongest * plainShare);
  if (first === undefined) return null;
  return describe(first, steps, others, total, shares);
}

/** The siblings, the likest to the run first. */
export function byLikeness(
  run: ClosedExecution,
  siblings: readonly ClosedExecution[],
): ClosedExecution[] {
  const steps = comparableSteps(run);
  return siblings
    .map((sibling) => ({ sibling, ...alignSibling(steps, comparableSteps(sibling)) }))
    .sort((a, b) => b.weight - a.weight)
    .map(({ sibling }) => sibling);
}

/** A step is passed over where a later one is twice as telling. */
const plainShare = 0.5;
/** What this share of the siblings do, and the run does nowhere, was left out. */
const omittedShare = 0.9;
/** An omission tells less exactly where: it leads only where no step that was made differs. */
const omissionTrust = 0.45;

interface AlignedSibling {
  readonly steps: readonly ExecutionStep[];
  /** Position in the sibling of each step of the run, or -1. */
  readonly places: Int32Array;
  readonly same: readonly boolean[];
  /** Likeness to the run, 0..1. */
  readonly weight: number;
}

function alignSibling(
  run: readonly ExecutionStep[],
  steps: readonly ExecutionStep[],
): AlignedSibling {
  const places = alignSteps(run, steps, likeness);
  const same = run.map((step, i) => places[i]! >= 0 && isSame(step, steps[places[i]!]!));
  const matched = same.filter(Boolean).length;
  return { steps, places, same, weight: (2 * matched + 1) / (run.length + steps.length + 1) };
}

function likeness(a: ExecutionStep, b: ExecutionStep): 'same' | 'similar' | 'other' {
  if (nameOf(a) !== nameOf(b)) return 'other';
  return a.toolArgumentsHash === b.toolArgumentsHash ? 'same' : 'similar';
}

const isSame = (a: ExecutionStep, b: ExecutionStep): boolean => likeness(a, b) === 'same';
/** A call of a model goes by no name of it: another agent's has another. */
export const nameOf = (step: ExecutionStep): string =>
  calledTool(step) ?? (step.role === 'llm' ? 'the model' : step.name);
const keyOf = (step: ExecutionStep): string =>
  JSON.stringify([nameOf(step), step.toolArgumentsHash]);

/** Share of a tool's steps in the siblings that another sibling has too; add one, for thin evidence. */
function shareAmongSiblings(
  siblings: readonly (readonly ExecutionStep[])[],
): (name: string) => number {
  const owners = new Map<string, Set<number>>();
  siblings.forEach((steps, index) => {
    for (const step of steps) {
      const known = owners.get(keyOf(step));
      if (known === undefined) owners.set(keyOf(step), new Set([index]));
      else known.add(index);
    }
  });
  const counts = new Map<string, { all: number; shared: number }>();
  for (const step of siblings.flat()) {
    const count = counts.get(nameOf(step)) ?? { all: 0, shared: 0 };
    counts.set(nameOf(step), count);
    count.all += 1;
    if (owners.get(keyOf(step))!.size > 1) count.shared += 1;
  }
  return (name) => {
    const { all, shared } = counts.get(name) ?? { all: 0, shared: 0 };
    return siblings.length < 2 ? 1 : (shared + 1) / (all + 1);
  };
}

interface Candidate {
  readonly position: number;
  readonly certainty: number;
  /** A sibling's step that the run leaves out. */
  readonly leftOut: Alternative | null;
}

/** Calls that nearly all siblings make and the run makes nowhere, where the siblings make them. */
function omissions(
  run: readonly ExecutionStep[],
  others: readonly AlignedSibling[],
  total: number,
): Candidate[] {
  const done = new Set(run.map(nameOf));
  const missing = new Map<string, { weight: number; position: number; example: ExecutionStep }>();
  for (const { steps, places, weight } of others) {
    const seen = new Set<string>();
    steps.forEach((step, at) => {
      const name = nameOf(step);
      if (done.has(name) || seen.has(name)) return;
      seen.add(name);
      const position = 1 + places.findLastIndex((place) => place >= 0 && place < at);
      const known = missing.get(name) ?? { weight: 0, position, example: step };
      missing.set(name, {
        ...known,
        weight: known.weight + weight,
        position: Math.max(known.position, position),
      });
    });
  }
  return [...missing]
    .map(([tool, { weight, ...rest }]) => ({ tool, share: weight / total, ...rest }))
    .filter(({ share }) => share >= omittedShare)
    .map(({ tool, share, position, example }) => ({
      position,
      certainty: omissionTrust * share,
      leftOut: { tool, otherArguments: false, share, example },
    }));
}

function describe(
  { position, certainty, leftOut }: Candidate,
  run: readonly ExecutionStep[],
  others: readonly AlignedSibling[],
  total: number,
  shares: readonly number[],
): Divergence {
  const step = run[position] ?? null;
  const instead = leftOut ? [leftOut] : alternatives(position, run, others, total);
  const before = shares.slice(0, position).filter((share) => share > 0);
  const kindOfStep = (): Divergence['kind'] => {
    if (leftOut) return step === null ? 'stopped' : 'left_out';
    if (step === null) return 'stopped';
    return instead[0]?.otherArguments === true ? 'other_arguments' : 'other_call';
  };
  return {
    position,
    step,
    kind: kindOfStep(),
    instead,
    sharedBefore: before.length,
    certainty,
  };
}

/** What each sibling does after the last step that it shares with the run before `position`. */
function alternatives(
  position: number,
  run: readonly ExecutionStep[],
  others: readonly AlignedSibling[],
  total: number,
): readonly Alternative[] {
  const step = run[position];
  const found = new Map<string, { weight: number; example: ExecutionStep | null }>();
  for (const { steps, places, weight } of others) {
    const aligned = places[position] ?? -1;
    let previous = -1;
    for (let i = 0; i < position; i += 1) previous = Math.max(previous, places[i]!);
    const example = steps[aligned >= 0 ? aligned : previous + 1] ?? null;
    const key = example === null ? '' : nameOf(example);
    const known = found.get(key) ?? { weight: 0, example };
    found.set(key, { ...known, weight: known.weight + weight });
  }
  return [...found.values()]
    .sort((a, b) => b.weight - a.weight)
    .slice(0, 3)
    .map(({ weight, example }) => ({
      tool: example === null ? null : nameOf(example),
      otherArguments: example !== null && step !== undefined && nameOf(example) === nameOf(step),
      share: weight / total,
      example,
    }));
}
