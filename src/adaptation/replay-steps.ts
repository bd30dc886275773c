import type { Adaptation } from '../model/adaptation';
import type { AdaptationBook, ReplayedStep } from '../model/ports-adaptation';
import type { AuditEntry } from '../model/ports-experiments';
import { AdaptationEvidence } from './adaptation-evidence';

/**
 * What the evidence was at each step of the feedback loop, computed from the stored list alone: as many entries of it as the
 * audit row names, in their order.
 */
export async function replaySteps(
  adaptation: Adaptation,
  history: readonly AuditEntry[],
  book: Pick<AdaptationBook, 'readEvidence'>,
): Promise<readonly ReplayedStep[]> {
  const steps = history.filter(({ evidence }) => typeof evidence['entries'] === 'number');
  const evidence = new AdaptationEvidence(adaptation);
  const replayed: ReplayedStep[] = [];
  for await (const { entries } of book.readEvidence(adaptation.id)) {
    for (const entry of entries) {
      evidence.apply(entry);
      for (let next = steps[replayed.length]; next?.evidence['entries'] === evidence.entries;) {
        replayed.push(compare(next, evidence));
        next = steps[replayed.length];
      }
    }
  }
  // The list ends before these: nothing is known of them.
  for (const audit of steps.slice(replayed.length)) {
    replayed.push({ audit, replayed: {}, isSame: false });
  }
  return replayed;
}

function compare(audit: AuditEntry, evidence: AdaptationEvidence): ReplayedStep {
  const replayed = numbersOf(audit, evidence);
  const isSame = Object.entries(replayed).every(([name, value]) => value === audit.evidence[name]);
  return { audit, replayed, isSame };
}

/** Of those that the row keeps. */
function numbersOf(audit: AuditEntry, evidence: AdaptationEvidence): AuditEntry['evidence'] {
  const { entries, units, alarm } = evidence;
  if (audit.evidence['signal'] !== undefined) {
    const harmed = evidence.harmedSignal();
    return { entries, signal: harmed?.metric ?? null, e_value: harmed?.eValue ?? null };
  }
  if (audit.evidence['alarm'] !== undefined) return { entries, units, alarm };
  const { effect } = evidence.outcome();
  if (audit.to === 'rolled_back') return { entries, units, effect, e_value: evidence.eValueHarm };
  return { entries, effect, e_value: evidence.eValueBetter };
}
