import { addValue, emptyMoments, stickyHash, welchTest, type Moments } from '../../../src/stats';
import {
  AGENTS,
  DAYS,
  effectOf,
  fateOf,
  LOST_DAYS,
  MIXED_DAYS,
  successOf,
  unitOf,
  type Change,
  type World,
} from './world';

export type NaivePolicy = 'refreshed p < .05' | 'ship if inconclusive';

export interface PolicyResult {
  /** Successes more than with the first settings. */
  readonly gain: number;
  /** Changes that harmed when they went to everybody. */
  readonly harmful: number;
}

interface Trial {
  readonly change: Change;
  state: 'waiting' | 'running' | 'shipped' | 'dropped';
  arms: [Moments, Moments];
}

const TRIAL_DAYS = 14;

/** Half of the units get each proposed change; shipped changes go to everybody and are not watched. */
export function runNaively(world: World, policy: NaivePolicy): PolicyResult {
  const result = { gain: 0, harmful: 0 };
  for (let agent = 0; agent < AGENTS; agent += 1) runAgent(world, agent, policy, result);
  return result;
}

function runAgent(
  world: World,
  agent: number,
  policy: NaivePolicy,
  result: { gain: number; harmful: number },
): void {
  const trials = world.changes
    .filter((change) => change.agent === agent)
    .map((change): Trial => ({ change, state: 'waiting', arms: [emptyMoments(), emptyMoments()] }));
  const arriving = new Map<number, (() => void)[]>();
  for (let index = 0; index < DAYS * world.unitsPerDay; index += 1) {
    const unit = unitOf(world, agent, index);
    for (const trial of trials) step(trial, unit.at, policy, result);
    for (const arrive of arriving.get(index) ?? []) arrive();
    arriving.delete(index);
    const treats = ({ change: { id } }: Trial): boolean =>
      stickyHash(`${policy} ${id}`, unit.id) < 0.5;
    const active = new Set(
      trials
        .filter(
          (trial) => trial.state === 'shipped' || (trial.state === 'running' && treats(trial)),
        )
        .map(({ change }) => change.id),
    );
    const probability = successOf(world, unit, active);
    result.gain += probability - successOf(world, unit, new Set());
    const fate = fateOf(world, unit);
    const feedback = fate.feedback(fate.success < probability);
    if (feedback === null) continue;
    const due = index + Math.max(1, Math.ceil(feedback.delay * world.unitsPerDay));
    const counted = trials
      .filter(({ state }) => state === 'running')
      .flatMap((trial) => {
        const since = unit.at - trial.change.proposedOn;
        const treated = treats(trial);
        const { bug } = trial.change;
        const isLost =
          bug === 'lost' &&
          since < LOST_DAYS &&
          treated &&
          fate.success >= probability &&
          fate.lost < 0.5;
        // The second run's variant is what was noted last.
        const isSwapped = bug === 'mixed' && since < MIXED_DAYS && fate.mixed < 0.2;
        return isLost ? [] : [{ trial, arm: treated !== isSwapped ? 1 : 0 } as const];
      });
    const arrive = (): void => {
      for (const { trial, arm } of counted)
        trial.arms[arm] = addValue(trial.arms[arm], feedback.value);
    };
    arriving.set(due, [...(arriving.get(due) ?? []), arrive]);
  }
}

function step(trial: Trial, day: number, policy: NaivePolicy, result: { harmful: number }): void {
  const { change } = trial;
  if (trial.state === 'waiting' && day >= change.proposedOn) trial.state = 'running';
  if (trial.state !== 'running') return;
  const [old, made] = trial.arms;
  const isOver = day >= change.proposedOn + TRIAL_DAYS;
  if (!isOver && policy === 'ship if inconclusive') return;
  if (Math.min(old.n, made.n) < 30) return;
  const { pValue, estimate } = welchTest(made, old, 0.95);
  const isKnown = pValue < 0.05;
  const ships = policy === 'refreshed p < .05' ? isKnown && estimate > 0 : !isKnown || estimate > 0;
  if (!isKnown && !isOver) return;
  trial.state = ships ? 'shipped' : 'dropped';
  if (ships && effectOf(change, day) < 0) result.harmful += 1;
}
