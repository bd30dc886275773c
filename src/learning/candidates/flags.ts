import type { PatternFlags } from '../../model/pattern';
import type { Candidate } from './candidate';

type Flagged = Pick<
  Candidate,
  'controllable' | 'preTreatment' | 'outcomeProximal' | 'outcomeTriggered'
>;

/** What may be done about a candidate, and why no more (LEARNING 4 a). */
export function flagsOf(candidate: Flagged): PatternFlags {
  const { controllable, preTreatment, outcomeProximal, outcomeTriggered } = candidate;
  return {
    controllable,
    preTreatment,
    outcomeProximal,
    outcomeTriggered,
    reason: reasonOf(candidate),
  };
}

function reasonOf(candidate: Flagged): string {
  if (candidate.controllable) return 'a setting: an experiment could prove it';
  if (candidate.preTreatment) {
    return 'fixed before the run and no setting: it says where something holds, not what to change';
  }
  if (candidate.outcomeTriggered) {
    return 'an answer to a failure within the run: a diagnosis, it may follow from how the run goes';
  }
  if (candidate.outcomeProximal) {
    return 'a total, or how the run ended: a diagnosis, it may follow from how the run goes';
  }
  return 'a behaviour: a diagnosis until a setting steers it';
}
