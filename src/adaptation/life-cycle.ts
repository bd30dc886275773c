import { InputError, TransitionError } from '../errors';
import type { Adaptation, AdaptationStatus } from '../model/adaptation';
import type { Experiment } from '../model/experiment';
import type { Actor } from '../model/ports-adaptation';

/** Traffic of the stages, per cent. */
const stages: readonly number[] = [5, 25, 50, 100];

/** e-value of treated against held back from which on a change may go to everybody, and the loop may raise it. */
export const PROOF = 20;

/** One raise an hour at most. */
const RAISE_EVERY_NANO = 3_600_000_000_000n;

const moves: Readonly<Record<AdaptationStatus, readonly AdaptationStatus[]>> = {
  proposed: ['approved', 'rejected'],
  approved: ['rolling_out', 'active', 'rejected'],
  rolling_out: ['active', 'deactivated', 'rolled_back'],
  active: ['deactivated', 'rolled_back'],
  deactivated: ['rolling_out'],
  rolled_back: ['rolling_out'],
  rejected: [],
};

/** @throws TransitionError for a move that the life of an adaptation does not have. */
export function move(adaptation: Adaptation, to: AdaptationStatus): Adaptation {
  if (!moves[adaptation.status].includes(to)) {
    const allowed = moves[adaptation.status].join(', ') || 'nothing';
    throw new TransitionError(
      `adaptation ${adaptation.id} is ${adaptation.status} and cannot become ${to}; it can become: ${allowed}.`,
    );
  }
  return { ...adaptation, status: to, revision: adaptation.revision + 1 };
}

/**
 * The next stage up.
 *
 * @throws TransitionError too soon after the last raise, for the automatic actor without evidence, and at the
 * last stage without randomised evidence.
 */
export function raise(adaptation: Adaptation, actor: Actor, now: bigint): Adaptation {
  requireUnpaused(adaptation);
  const next = stages.find((stage) => stage > adaptation.trafficPercent);
  if (next === undefined) {
    throw new TransitionError(`adaptation ${adaptation.id} is at 100 % already.`);
  }
  const proven = (adaptation.causalEvidence ?? 0) >= PROOF;
  if (actor.automatic && !proven) {
    throw new TransitionError(
      `adaptation ${adaptation.id}: the loop raises traffic only on evidence (e >= ${PROOF}), there is ${adaptation.causalEvidence ?? 'none'}.`,
    );
  }
  if (next === 100 && !proven) {
    throw new TransitionError(
      `adaptation ${adaptation.id}: only randomised evidence (e >= ${PROOF}) goes to 100 %.`,
      {
        hint: 'Leave it at 50 % until treated and held back can be told apart, or run an experiment.',
      },
    );
  }
  const last = adaptation.raisedAtUnixNano;
  if (last !== null && now < last + RAISE_EVERY_NANO) {
    const minutes = Number((last + RAISE_EVERY_NANO - now) / 60_000_000_000n) + 1;
    throw new TransitionError(
      `adaptation ${adaptation.id} was raised less than an hour ago; the next stage opens in ${minutes} minutes.`,
    );
  }
  const moved =
    adaptation.trafficPercent === 0
      ? move(adaptation, 'rolling_out')
      : next === 100
        ? move(adaptation, 'active')
        : { ...adaptation, revision: adaptation.revision + 1 };
  const startedAtUnixNano = adaptation.trafficPercent === 0 ? now : adaptation.startedAtUnixNano;
  return { ...moved, trafficPercent: next, startedAtUnixNano, raisedAtUnixNano: now };
}

/** Whether the loop itself may raise it now: it is proven, and the last raise was an hour ago. */
export function mayRaise(
  { trafficPercent, causalEvidence, raisedAtUnixNano, pausedBy }: Adaptation,
  now: bigint,
): boolean {
  return (
    pausedBy === null &&
    trafficPercent > 0 &&
    trafficPercent < 100 &&
    (causalEvidence ?? 0) >= PROOF &&
    (raisedAtUnixNano === null || now >= raisedAtUnixNano + RAISE_EVERY_NANO)
  );
}

/**
 * To everybody but the hold-back at once, on the evidence of an experiment.
 *
 * @throws TransitionError without enough of it, and for what is not approved.
 */
export function adopt(adaptation: Adaptation, eValue: number, now: bigint): Adaptation {
  if (!(eValue >= PROOF)) {
    throw new TransitionError(
      `adaptation ${adaptation.id}: only randomised evidence (e >= ${PROOF}) goes to 100 %, the experiment has ${eValue}.`,
    );
  }
  requireUnpaused(adaptation);
  const { startedAtUnixNano } = adaptation;
  return {
    ...move(adaptation, 'active'),
    trafficPercent: 100,
    causalEvidence: eValue,
    startedAtUnixNano: adaptation.trafficPercent === 0 ? now : startedAtUnixNano,
    raisedAtUnixNano: now,
  };
}

/** @throws InputError unless the experiment's winner is this change. */
export function requireShipped({ id, knob, to }: Adaptation, experiment: Experiment): void {
  const { decision, variants, winner } = experiment;
  const won = variants.find(({ name }) => name === winner);
  if (decision === 'ship' && won?.config[knob] === to) return;
  throw new InputError(
    `adaptation ${id}: experiment ${experiment.id} did not ship ${knob} = ${JSON.stringify(to)}; it says ${decision}, winner ${winner ?? 'none'}.`,
  );
}

/** More units are held back, which lowers exposure and sharpens the comparison. */
export function enlargeHoldBack(adaptation: Adaptation, holdBackPercent: number): Adaptation {
  return { ...adaptation, holdBackPercent, revision: adaptation.revision + 1 };
}

/** A signal got worse: who has the change keeps it, and nobody more gets it until somebody resumes. */
export function pause(adaptation: Adaptation, metric: string): Adaptation {
  return { ...adaptation, pausedBy: metric, revision: adaptation.revision + 1 };
}

/**
 * Somebody looked, and the ramp goes on; signals are watched anew from here.
 *
 * @throws TransitionError for one that is not paused.
 */
export function resume(adaptation: Adaptation, now: bigint): Adaptation {
  if (adaptation.pausedBy === null) {
    throw new TransitionError(`adaptation ${adaptation.id} is not paused.`);
  }
  const revision = adaptation.revision + 1;
  return { ...adaptation, pausedBy: null, resumedAtUnixNano: now, revision };
}

function requireUnpaused({ id, pausedBy }: Adaptation): void {
  if (pausedBy === null) return;
  throw new TransitionError(
    `adaptation ${id} is paused: ${pausedBy} got worse under it, a signal that asks somebody to look.`,
    { hint: `Resume it with a reason (adapt resume ${id} --why …), or turn it off.` },
  );
}

/** Off, for everybody, at once; what was proven before no longer counts. */
export function turnOff(adaptation: Adaptation, to: 'deactivated' | 'rolled_back'): Adaptation {
  return { ...move(adaptation, to), trafficPercent: 0, causalEvidence: null, pausedBy: null };
}

/**
 * Once after a roll-back the loop tries again at the first stage, with twice the hold-back.
 *
 * @throws TransitionError where it has been tried again before.
 */
export function retest(adaptation: Adaptation, now: bigint): Adaptation {
  if (adaptation.status !== 'rolled_back' || adaptation.retests > 0) {
    throw new TransitionError(
      `adaptation ${adaptation.id} is ${adaptation.status} and was retested ${adaptation.retests} times: no retest.`,
    );
  }
  return {
    ...move(adaptation, 'rolling_out'),
    trafficPercent: stages[0] ?? 5,
    holdBackPercent: CLOSER_HOLD_BACK,
    retests: adaptation.retests + 1,
    startedAtUnixNano: now,
    raisedAtUnixNano: now,
  };
}

/** Per cent of the units: always, while the loop looks closer, and after an alert. */
export const HOLD_BACK = 10;
export const CLOSER_HOLD_BACK = 20;
export const ALERT_HOLD_BACK = 50;
