import { seededRandom } from '../../../src/stats';

/** Ninety days of five agents, all of it drawn from the seed: the same for every policy that is tried in it. */
export interface World {
  readonly seed: string;
  readonly unitsPerDay: number;
  readonly changes: readonly Change[];
  /** Success of an agent with its first settings; drifts. */
  readonly base: (agent: number, day: number) => number;
}

/** One setting of one agent, from `old` to `new`. */
export interface Change {
  readonly id: string;
  readonly agent: number;
  readonly proposedOn: number;
  readonly effect: number;
  /** From that day on it harms by .2. */
  readonly reversesOn: number | null;
  /**
   * `lost`: half of the failures under `new` never arrive, for ten days or until somebody is told. `mixed`: a fifth of the
   * units run a second time under the other variant, for seven days.
   */
  readonly bug: 'lost' | 'mixed' | null;
}

/** One task of one agent. */
export interface Unit {
  readonly id: string;
  readonly agent: number;
  readonly index: number;
  /** Days since the start. */
  readonly at: number;
}

export interface Feedback {
  /** 0 or 1; a tenth of it says the opposite of what was. */
  readonly value: number;
  readonly isHostile: boolean;
  /** Days after the run. */
  readonly delay: number;
}

export const DAYS = 90;
export const AGENTS = 5;
const REVERSED = -0.2;
export const LOST_DAYS = 10;
export const MIXED_DAYS = 7;

export function makeWorld(seed: string, unitsPerDay: number): World {
  const random = seededRandom(`world ${seed}`);
  const between = (low: number, high: number): number => low + (high - low) * random();
  const phases = Array.from({ length: AGENTS }, () => random());
  const changes = Array.from({ length: AGENTS }, (_, agent) => {
    const effects = [between(0.1, 0.2), between(0.1, 0.2), 0, -between(0.1, 0.2)];
    const order = effects.map((effect) => [random(), effect] as const).sort(([a], [b]) => a - b);
    return order.map(([, effect], i): Change => ({
      id: `a${agent}.k${i}`,
      ...{ agent, effect, reversesOn: null, bug: null },
      proposedOn: Math.floor(between(0, 20)),
    }));
  }).flat();
  return {
    seed,
    unitsPerDay,
    changes: withTrouble(changes, random),
    base: (agent, day) => {
      const season = Math.sin(2 * Math.PI * (day / 60 + phases[agent]!));
      return 0.33 + 0.08 * season + 0.04 * (day / DAYS);
    },
  };
}

/** One reversal, and each bug in one experiment. */
function withTrouble(changes: readonly Change[], random: () => number): Change[] {
  const pick = (from: readonly Change[]): Change => from[Math.floor(random() * from.length)]!;
  const reversed = pick(changes.filter(({ effect }) => effect > 0));
  const lost = pick(changes.filter(({ effect }) => effect <= 0));
  const mixed = pick(changes.filter((one) => one !== reversed && one !== lost));
  const reversesOn = 45 + Math.floor(15 * random());
  return changes.map((one) => ({
    ...one,
    reversesOn: one === reversed ? reversesOn : null,
    bug: one === lost ? 'lost' : one === mixed ? 'mixed' : null,
  }));
}

export function unitOf({ unitsPerDay }: World, agent: number, index: number): Unit {
  return { id: `a${agent}-${index}`, agent, index, at: index / unitsPerDay };
}

export function effectOf({ effect, reversesOn }: Change, day: number): number {
  return reversesOn !== null && day >= reversesOn ? REVERSED : effect;
}

/** Probability of success with these changes in force. */
export function successOf(world: World, unit: Unit, active: ReadonlySet<string>): number {
  let sum = world.base(unit.agent, unit.at);
  for (const change of world.changes) {
    if (change.agent === unit.agent && active.has(change.id)) sum += effectOf(change, unit.at);
  }
  return Math.min(0.98, Math.max(0.02, sum));
}

/** What happens to a unit by chance: one draw each, the same under every policy. */
export interface Fate {
  readonly success: number;
  readonly lost: number;
  readonly mixed: number;
  readonly feedback: (succeeded: boolean) => Feedback | null;
}

export function fateOf({ seed }: World, { id }: Unit): Fate {
  const random = seededRandom(`${seed} ${id}`);
  const [success, lost, mixed, missing, hostile, late, delay] = Array.from({ length: 7 }, random);
  return {
    ...{ success: success!, lost: lost!, mixed: mixed! },
    feedback: (succeeded) => {
      if (missing! < 0.1) return null;
      const isHostile = hostile! < 0.1;
      const value = succeeded === isHostile ? 0 : 1;
      return { value, isHostile, delay: late! < 0.3 ? delay! : 0 };
    },
  };
}

/** What the best that could be known gains, in successes: each change while it helps, from its proposal on. */
export function oracleGain(world: World): number {
  let gain = 0;
  for (let agent = 0; agent < AGENTS; agent += 1) {
    for (let index = 0; index < DAYS * world.unitsPerDay; index += 1) {
      const unit = unitOf(world, agent, index);
      const active = world.changes.filter(
        (change) => unit.at >= change.proposedOn && effectOf(change, unit.at) > 0,
      );
      gain += successOf(world, unit, new Set(active.map(({ id }) => id)));
      gain -= successOf(world, unit, new Set());
    }
  }
  return gain;
}
