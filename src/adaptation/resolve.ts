import type {
  Adaptation,
  AppliedAdaptation,
  Resolution,
  ResolveContext,
} from '../model/adaptation';
import type { AttributeValue } from '../model/attributes';
import { stickyHash } from '../stats';

/** What is in use now, indexed by knob, each list with its owner first: read only, swapped as a whole. */
export interface Snapshot {
  readonly enabled: boolean;
  readonly byKnob: ReadonlyMap<string, readonly Adaptation[]>;
}

export const emptySnapshot: Snapshot = { enabled: true, byKnob: new Map() };

/**
 * One owner per knob and context: the most specific context wins, then the larger lower bound of the expected
 * effect, then the older.
 */
export function toSnapshot(adaptations: readonly Adaptation[], enabled: boolean): Snapshot {
  const byKnob = new Map<string, Adaptation[]>();
  for (const adaptation of adaptations) {
    if (adaptation.trafficPercent === 0 || !inUse.has(adaptation.status)) continue;
    byKnob.set(adaptation.knob, [...(byKnob.get(adaptation.knob) ?? []), adaptation]);
  }
  for (const list of byKnob.values()) list.sort(byOwnership);
  return { enabled, byKnob };
}

const inUse: ReadonlySet<string> = new Set(['rolling_out', 'active']);

/** Total: any context and configuration give an answer. */
export function resolveConfig(
  snapshot: Snapshot,
  context: ResolveContext,
  config: Readonly<Record<string, AttributeValue>>,
  stale: boolean,
): Resolution {
  if (!snapshot.enabled || snapshot.byKnob.size === 0) {
    return { config, applied: [], notApplied: [], stale };
  }
  const changed: Record<string, AttributeValue> = { ...config };
  const applied: AppliedAdaptation[] = [];
  const notApplied: Resolution['notApplied'][number][] = [];
  for (const [knob, owners] of snapshot.byKnob) {
    let owner: Adaptation | null = null;
    for (const adaptation of owners) {
      const adaptationId = adaptation.id;
      const outside = outsideOf(adaptation, context);
      if (outside !== null || owner !== null) {
        const reason = outside ?? `${knob} is owned by ${owner?.id}`;
        notApplied.push({ adaptationId, knob, reason, attributes: null });
        continue;
      }
      owner = adaptation;
      const from = Object.hasOwn(config, knob) ? (config[knob] ?? null) : adaptation.from;
      const place = placeOf(adaptation, context.unit);
      const attributes = stampOf(adaptation, place.treated, context.unit);
      if (place.treated) {
        changed[knob] = adaptation.to;
        applied.push({
          adaptationId,
          knob,
          from,
          to: adaptation.to,
          reason: place.reason,
          attributes,
        });
      } else notApplied.push({ adaptationId, knob, reason: place.reason, attributes });
    }
  }
  return { config: changed, applied, notApplied, stale };
}

/** Probability that a unit gets the change. */
export function treatmentPropensity({ trafficPercent, holdBackPercent }: Adaptation): number {
  return (trafficPercent / 100) * (1 - holdBackPercent / 100);
}

/**
 * The lowest buckets are held back, the next ones get the change: whoever got it keeps it while traffic rises,
 * and loses it only to a larger hold-back.
 */
function placeOf(
  adaptation: Adaptation,
  unit: string,
): { readonly treated: boolean; readonly reason: string } {
  const bucket = stickyHash(adaptation.id, unit);
  const { trafficPercent, holdBackPercent } = adaptation;
  if (bucket < holdBackPercent / 100) {
    return { treated: false, reason: `held back (${holdBackPercent} %) for comparison` };
  }
  const treated = bucket < holdBackPercent / 100 + treatmentPropensity(adaptation) - 1e-12;
  const stage = `roll-out at ${trafficPercent} %`;
  return { treated, reason: treated ? stage : `${stage}: not this unit yet` };
}

/** With the probability at that moment: the stage may have changed when the outcome comes. */
function stampOf(
  adaptation: Adaptation,
  treated: boolean,
  unit: string,
): Record<string, AttributeValue> {
  const { id, patternId } = adaptation;
  return {
    'evolution.adaptation.id': id,
    'evolution.pattern.id': patternId,
    'evolution.variant': treated ? 'treated' : 'held_back',
    'evolution.unit': unit,
    [`evolution.propensity.${id}`]: treatmentPropensity(adaptation),
  };
}

function outsideOf({ context }: Adaptation, asked: ResolveContext): string | null {
  if (context.agentId !== null && context.agentId !== asked.agentId) {
    return `for agent ${context.agentId} only`;
  }
  if (context.taskType !== null && context.taskType !== asked.taskType) {
    return `for tasks of type ${context.taskType} only`;
  }
  return null;
}

function byOwnership(a: Adaptation, b: Adaptation): number {
  const specific = specificity(b) - specificity(a);
  if (specific !== 0) return specific;
  const bound = b.expected.interval.lower - a.expected.interval.lower;
  if (bound !== 0) return bound;
  return a.createdAtUnixNano < b.createdAtUnixNano ? -1 : 1;
}

function specificity({ context }: Adaptation): number {
  return (context.agentId === null ? 0 : 2) + (context.taskType === null ? 0 : 1);
}
