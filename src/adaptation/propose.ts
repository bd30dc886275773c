import type { Adaptation, Lever } from '../model/adaptation';
import type { AttributeValue } from '../model/attributes';
import type { Pattern } from '../model/pattern';
import { toGuardrail } from '../experiments';
import { allowedValue, type LeverValue } from './levers';
import { HOLD_BACK } from './life-cycle';

export type Proposal =
  | { readonly kind: 'proposal'; readonly change: ProposedChange }
  | { readonly kind: 'refused'; readonly reason: string };

export type ProposedChange = Pick<
  Adaptation,
  | 'kind'
  | 'knob'
  | 'from'
  | 'to'
  | 'inverse'
  | 'context'
  | 'patternId'
  | 'dimension'
  | 'expected'
  | 'uncertain'
  | 'signals'
>;

/**
 * The change that a pattern calls for, where the application declared one: a setting goes to the value that goes
 * with success, or away from the one that goes with failure; a behaviour only by a lever that serves it.
 */
export function proposeChange(pattern: Pattern, levers: ReadonlyMap<string, Lever>): Proposal {
  if (!promoted.has(pattern.status)) {
    return refused(
      `the pattern is ${pattern.status}: only an observed or stronger one is acted on`,
    );
  }
  const found = leverFor(pattern, levers);
  if (found === null) {
    return pattern.controllable
      ? refused(`no lever declared for ${pattern.predicate.text}`)
      : refused(
          `${pattern.predicate.text} is a diagnosis: nobody declared a setting that changes it`,
        );
  }
  const { lever, value } = found;
  if (value === null) return refused(`no other value declared for ${lever.knob}`);
  if (value === lever.initial) return refused(`${lever.knob} already is ${JSON.stringify(value)}`);
  const { estimate, interval, measure } = pattern.effect;
  const away = measure === 'relative_change' ? (one: number) => 1 / (1 + one) - 1 : negated;
  const shown = isHarmful(pattern) ? away : (one: number) => one;
  const ends = [shown(interval.lower), shown(interval.upper)].sort((a, b) => a - b);
  return {
    kind: 'proposal',
    change: {
      kind: lever.kind,
      knob: lever.knob,
      from: lever.initial,
      to: value,
      inverse: { knob: lever.knob, to: lever.initial },
      // The learner's context knows agents by type only; a lever holds for all of them.
      context: {
        agentId: null,
        taskType: lever.holds === 'everywhere' ? null : pattern.context.taskType,
      },
      patternId: pattern.id,
      dimension: pattern.dimension,
      expected: {
        effect: shown(estimate),
        interval: { lower: ends[0] ?? -Infinity, upper: ends[1] ?? Infinity },
      },
      signals: (lever.signals ?? []).map((signal) => toGuardrail(signal, 'signal')),
      uncertain:
        pattern.status === 'causal'
          ? 'shown by a randomised experiment, at the time and on the tasks of it'
          : `goes with the outcome, not shown to cause it (${pattern.status}): only an experiment tells`,
    },
  };
}

/** Proposed, and nothing more. */
export function newAdaptation(
  change: ProposedChange & Pick<Adaptation, 'fromVersionId' | 'toVersionId'>,
  id: string,
  createdAtUnixNano: bigint,
): Adaptation {
  return {
    ...change,
    id,
    createdAtUnixNano,
    revision: 1,
    status: 'proposed',
    trafficPercent: 0,
    holdBackPercent: HOLD_BACK,
    causalEvidence: null,
    retests: 0,
    pausedBy: null,
    resumedAtUnixNano: null,
    startedAtUnixNano: null,
    raisedAtUnixNano: null,
    outcome: null,
  };
}

/** One that is not over yet. */
export function isSameChange(
  adaptation: Adaptation,
  { knob, to, context }: ProposedChange,
): boolean {
  const over = ['rejected', 'deactivated', 'rolled_back'].includes(adaptation.status);
  return (
    !over &&
    adaptation.knob === knob &&
    adaptation.to === to &&
    adaptation.context.taskType === context.taskType &&
    adaptation.context.agentId === context.agentId
  );
}

const negated = (one: number): number => -one;

/** Goes with failure, or with a run that spends more. */
function isHarmful({ type, effect }: Pattern): boolean {
  return type === 'anti_pattern' || (type === 'optimization' && effect.estimate > 0);
}

const promoted: ReadonlySet<string> = new Set(['observed', 'confirmed', 'causal']);

function leverFor(
  pattern: Pattern,
  levers: ReadonlyMap<string, Lever>,
): { readonly lever: Lever; readonly value: LeverValue | null } | null {
  const { predicate, controllable } = pattern;
  for (const lever of levers.values()) {
    const served = lever.serves;
    if (served !== undefined && Object.hasOwn(served, predicate.text)) {
      return { lever, value: served[predicate.text] ?? null };
    }
  }
  const [term, ...others] = predicate.terms;
  if (!controllable || term?.kind !== 'config' || term.op !== '=' || others.length > 0) return null;
  const lever = levers.get(term.key);
  if (lever === undefined) return null;
  const named = allowedValue(lever, plain(term.value));
  if (!isHarmful(pattern)) return { lever, value: named };
  if (named !== lever.initial || !('oneOf' in lever.values) || lever.values.oneOf.length !== 2) {
    return { lever, value: null };
  }
  return { lever, value: lever.values.oneOf.find((one) => one !== named) ?? null };
}

function plain(value: AttributeValue): unknown {
  const isDouble = typeof value === 'object' && value !== null && 'double' in value;
  return isDouble ? value.double : value;
}

function refused(reason: string): Proposal {
  return { kind: 'refused', reason };
}
