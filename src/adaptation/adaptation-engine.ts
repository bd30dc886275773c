import { InputError, NotFoundError, TransitionError } from '../errors';
import type {
  Adaptation,
  AdaptationOutcome,
  AdaptationStatus,
  Lever,
  Resolution,
  ResolveContext,
} from '../model/adaptation';
import type { AttributeValue } from '../model/attributes';
import type { Experiment, ExperimentAnalysis } from '../model/experiment';
import type { Pattern } from '../model/pattern';
import type { Clock } from '../model/ports';
import type {
  Actor,
  AdaptationBook,
  AdaptationDesk,
  ConfigurationDesk,
  ProposeResult,
  ReplayedStep,
} from '../model/ports-adaptation';
import type { AuditEntry } from '../model/ports-experiments';
import { allowedValue, declareLevers } from './levers';
import { explainAdaptation, OUTCOME } from './explain';
import {
  adopt,
  ALERT_HOLD_BACK,
  CLOSER_HOLD_BACK,
  enlargeHoldBack,
  move,
  pause,
  raise,
  requireShipped,
  resume,
  retest,
  turnOff,
} from './life-cycle';
import { isSameChange, newAdaptation, proposeChange } from './propose';
import { recordMove } from './record-move';
import { replaySteps } from './replay-steps';
import { emptySnapshot, resolveConfig, toSnapshot, type Snapshot } from './resolve';

export interface AdaptationEngineOptions {
  readonly book: AdaptationBook;
  readonly clock: Clock;
  readonly newId: () => string;
  /** Where the versions that a change leads from and to are kept. @defaultValue nowhere */
  readonly configurations?: ConfigurationDesk | undefined;
  /** All settings that may be changed; without one nothing ever is. */
  readonly levers: readonly Lever[];
  /** `required`: somebody approves each proposal. `standing`: a proposal is approved as it is made. @defaultValue `required` */
  readonly approval?: 'required' | 'standing' | undefined;
  /** Age of the snapshot from which on `resolve` says that it is stale. @defaultValue 60 */
  readonly staleAfterSeconds?: number | undefined;
}

/** Changes of declared settings, from a pattern to everybody, each step with its audit row. */
export class AdaptationEngine implements AdaptationDesk {
  readonly #options: AdaptationEngineOptions;
  readonly #levers: ReadonlyMap<string, Lever>;
  readonly #staleAfter: bigint;
  #snapshot: Snapshot = emptySnapshot;
  #refreshedAt: bigint | null = null;

  constructor(options: AdaptationEngineOptions) {
    this.#options = options;
    this.#levers = declareLevers(options.levers);
    this.#staleAfter = BigInt(Math.round((options.staleAfterSeconds ?? 60) * 1e9));
  }

  /**
   * The configuration to run with, from the local snapshot: synchronous, and never throws. Where anything is wrong
   * it is the configuration that came in.
   */
  resolve(context: ResolveContext, config: Readonly<Record<string, AttributeValue>>): Resolution {
    try {
      return resolveConfig(this.#snapshot, context, config, this.#isStale());
    } catch {
      return { config, applied: [], notApplied: [], stale: true };
    }
  }

  /** Reads what is in use anew; where that fails the last known good stays, and `resolve` says so in time. */
  async refresh(): Promise<void> {
    const { book, clock } = this.#options;
    const [adaptations, enabled] = await Promise.all([
      book.listAdaptations(),
      book.areAdaptationsEnabled(),
    ]);
    this.#snapshot = toSnapshot(
      adaptations.filter((one) => this.#isDeclared(one)),
      enabled,
    );
    this.#refreshedAt = clock.nowUnixNano();
  }

  /** From a pattern; refused, with the reason, unless a declared lever answers it. */
  async propose(pattern: Pattern, actor = 'learner'): Promise<ProposeResult> {
    const proposal = proposeChange(pattern, this.#levers);
    if (proposal.kind === 'refused') return proposal;
    const { change } = proposal;
    const same = (await this.#options.book.listAdaptations()).find((one) =>
      isSameChange(one, change),
    );
    if (same !== undefined) {
      return { kind: 'refused', reason: `adaptation ${same.id} already is ${same.status}` };
    }
    const versions = await recordMove(this.#options.configurations, this.#levers, change, actor);
    const id = this.#options.newId();
    const now = this.#options.clock.nowUnixNano();
    const adaptation = newAdaptation({ ...change, ...versions }, id, now);
    const audit = this.#audit(
      adaptation,
      null,
      actor,
      `proposed for pattern ${pattern.predicate.text}`,
      {
        effect: change.expected.effect,
        lower: change.expected.interval.lower,
        upper: change.expected.interval.upper,
        pattern_status: pattern.status,
      },
    );
    await this.#options.book.createAdaptation(adaptation, audit);
    if (this.#options.approval !== 'standing') return { kind: 'proposed', adaptation };
    return { kind: 'proposed', adaptation: await this.approve(adaptation.id, 'standing approval') };
  }

  approve(id: string, actor: string): Promise<Adaptation> {
    return this.#step(id, actor, 'approved', (one) => move(one, 'approved'));
  }

  reject(id: string, actor: string, reason: string): Promise<Adaptation> {
    return this.#step(id, actor, reason, (one) => move(one, 'rejected'));
  }

  /** One stage up: 5, 25, 50, 100 %. */
  apply(id: string, actor: Actor): Promise<Adaptation> {
    return this.#step(id, actor.name, 'next stage', (one) =>
      raise(one, actor, this.#options.clock.nowUnixNano()),
    );
  }

  /**
   * To everybody but the hold-back at once, since an experiment shipped this very change.
   *
   * @throws InputError for an experiment that did not
   */
  adopt(
    id: string,
    experiment: Experiment,
    analysis: ExperimentAnalysis,
    actor: string,
  ): Promise<Adaptation> {
    const eValue = analysis.variants.find(({ name }) => name === experiment.winner)?.eValue ?? 0;
    return this.#step(
      id,
      actor,
      `experiment ${experiment.id}: ${analysis.reason}`,
      (one) => {
        requireShipped(one, experiment);
        return adopt(one, eValue, this.#options.clock.nowUnixNano());
      },
      { experiment: experiment.id, e_value: eValue, units: analysis.units },
    );
  }

  deactivate(id: string, actor: string, reason: string): Promise<Adaptation> {
    return this.#step(id, actor, reason, (one) => turnOff(one, 'deactivated'));
  }

  rollback(
    id: string,
    actor: string,
    reason: string,
    evidence: AuditEntry['evidence'] = {},
  ): Promise<Adaptation> {
    return this.#step(id, actor, reason, (one) => turnOff(one, 'rolled_back'), evidence);
  }

  retest(id: string, actor: string): Promise<Adaptation> {
    return this.#step(id, actor, 'tried again with twice the hold-back', (one) =>
      retest(one, this.#options.clock.nowUnixNano()),
    );
  }

  /** A signal got worse: nothing is raised until somebody resumes. */
  pause(id: string, metric: string, evidence: AuditEntry['evidence']): Promise<Adaptation> {
    const reason = `paused: ${metric} got worse, somebody should look`;
    return this.#step(id, 'feedback loop', reason, (one) => pause(one, metric), evidence);
  }

  /** Somebody looked at what paused it. */
  resume(id: string, actor: string, reason: string): Promise<Adaptation> {
    const now = this.#options.clock.nowUnixNano();
    return this.#step(id, actor, `resumed: ${reason}`, (one) => resume(one, now));
  }

  /** It may have begun to harm: a fifth held back instead of a tenth tells sooner. */
  lookCloser(id: string, evidence: AuditEntry['evidence']): Promise<Adaptation> {
    const reason = 'looked at more closely: a fifth of the units is held back';
    const enlarge = (one: Adaptation) => enlargeHoldBack(one, CLOSER_HOLD_BACK);
    return this.#step(id, 'feedback loop', reason, enlarge, evidence);
  }

  alert(id: string, evidence: AuditEntry['evidence']): Promise<Adaptation> {
    const reason = 'looks harmful: half of the units are held back';
    const enlarge = (one: Adaptation) => enlargeHoldBack(one, ALERT_HOLD_BACK);
    return this.#step(id, 'feedback loop', reason, enlarge, evidence);
  }

  /** What treated and held back units show by now. */
  recordOutcome(
    id: string,
    outcome: AdaptationOutcome,
    eValue: number,
    evidence: AuditEntry['evidence'] = {},
  ): Promise<Adaptation> {
    return this.#step(
      id,
      'feedback loop',
      OUTCOME,
      (one) => ({
        ...one,
        outcome,
        causalEvidence: Math.max(one.causalEvidence ?? 0, eValue),
        revision: one.revision + 1,
      }),
      { e_value: eValue, effect: outcome.effect, ...evidence },
    );
  }

  /** The kill switch: off means that every `resolve`, in every process at its next refresh, gives back what came in. */
  async setEnabled(enabled: boolean, actor: string, reason: string): Promise<void> {
    const audit: AuditEntry = {
      subject: { kind: 'adaptation', id: '*' },
      atUnixNano: this.#options.clock.nowUnixNano(),
      actor,
      from: enabled ? 'off' : 'on',
      to: enabled ? 'on' : 'off',
      reason,
      evidence: {},
    };
    this.#snapshot = { ...this.#snapshot, enabled };
    await this.#options.book.setAdaptationsEnabled(enabled, audit);
  }

  list(filter?: { readonly status?: AdaptationStatus }): Promise<readonly Adaptation[]> {
    return this.#options.book.listAdaptations(filter);
  }

  get(id: string): Promise<Adaptation> {
    return this.#read(id);
  }

  isEnabled(): Promise<boolean> {
    return this.#options.book.areAdaptationsEnabled();
  }

  history(id: string): Promise<readonly AuditEntry[]> {
    return this.#options.book.readAudit({ kind: 'adaptation', id });
  }

  /** Why it was made, applied, not applied, rolled back: sentences, oldest first. */
  async explain(id: string): Promise<readonly string[]> {
    const adaptation = await this.#read(id);
    return explainAdaptation(adaptation, await this.history(id), {
      // Who declares no lever applies nothing, and cannot tell what those who do allow.
      declared: this.#levers.size === 0 || this.#isDeclared(adaptation),
      enabled: this.#snapshot.enabled,
    });
  }

  async replay(id: string): Promise<readonly ReplayedStep[]> {
    return replaySteps(await this.#read(id), await this.history(id), this.#options.book);
  }

  async #step(
    id: string,
    actor: string,
    reason: string,
    change: (adaptation: Adaptation) => Adaptation,
    evidence: AuditEntry['evidence'] = {},
  ): Promise<Adaptation> {
    if (actor.trim() === '') throw new InputError('adaptation: say who acts (actor), got nothing.');
    const before = await this.#read(id);
    const next = change(before);
    const traffic = {
      traffic_percent: next.trafficPercent,
      hold_back_percent: next.holdBackPercent,
    };
    const audit = this.#audit(next, before.status, actor, reason, { ...traffic, ...evidence });
    if (!(await this.#options.book.updateAdaptation(next, audit))) {
      throw new TransitionError(`adaptation ${id} was changed by somebody else just now.`, {
        hint: 'Read it again.',
      });
    }
    await this.refresh();
    return next;
  }

  async #read(id: string): Promise<Adaptation> {
    const adaptation = await this.#options.book.getAdaptation(id);
    if (adaptation !== null) return adaptation;
    throw new NotFoundError(`There is no adaptation ${JSON.stringify(id.slice(0, 100))}.`);
  }

  #audit(
    { id, status }: Adaptation,
    from: AdaptationStatus | null,
    actor: string,
    reason: string,
    evidence: AuditEntry['evidence'],
  ): AuditEntry {
    const atUnixNano = this.#options.clock.nowUnixNano();
    return {
      subject: { kind: 'adaptation', id },
      atUnixNano,
      actor,
      from,
      to: status,
      reason,
      evidence,
    };
  }

  /** A stored value is applied only while the lever still allows it. */
  #isDeclared({ knob, to }: Adaptation): boolean {
    const lever = this.#levers.get(knob);
    return lever !== undefined && allowedValue(lever, to) === to;
  }

  #isStale(): boolean {
    const at = this.#refreshedAt;
    return at === null || this.#options.clock.nowUnixNano() - at > this.#staleAfter;
  }
}
