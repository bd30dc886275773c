/**
 * Ninety days unattended: `experiments/ninety-days [twins] [first seed] [units a day] [kills]`. A seeded twin of five agents with drift, one
 * reversal, late, missing and hostile feedback, runs that get lost and runs that say the wrong variant, over a real
 * database, in a process that is killed; beside it what never changing, "p < .05, looked at after every run" and "ship if
 * inconclusive" make of the same days. A twin of 200 units a day is 15 agent-months.
 */
import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { decide } from '../../src/experiments';
import type { AuditEntry } from '../../src/model/ports-experiments';
import { seededRandom } from '../../src/stats';
import { median, rounded, shareOf } from '../measure/share';
import { instantOf, manage, openHouse, START, type House } from './twin/house';
import { runNaively, type PolicyResult } from './twin/naive-policies';
import { ROUNDS, UnitServer, type Served } from './twin/serve-units';
import { AGENTS, DAYS, effectOf, makeWorld, oracleGain, type World } from './twin/world';

const [role = '1', ...rest] = process.argv.slice(2);
const LAST_ROUND = DAYS * ROUNDS;

/** Of a round: its units were served, or also looked at. */
interface Progress {
  readonly round: number;
  readonly served: Served | null;
}

if (role === 'process')
  await live(rest[0]!, makeWorld(rest[1]!, Number(rest[2])), Number(rest[3]), rest[4] === 'served');
else
  await measure(Number(role), Number(rest[0] ?? 1), Number(rest[1] ?? 200), Number(rest[2] ?? 3));

/** The process that is killed: serves and looks, round by round, and says what is done. */
async function live(
  databaseUrl: string,
  world: World,
  from: number,
  isServed: boolean,
): Promise<void> {
  const house = await openHouse(world, databaseUrl);
  const server = new UnitServer(world, house);
  await server.recover(from);
  for (let round = from; round < LAST_ROUND; round += 1) {
    const end = (round + 1) / ROUNDS;
    house.setNow(instantOf(end));
    if (!(isServed && round === from)) await say({ round, served: await server.serve(round) });
    await manage(house, world, end);
    await say({ round, served: null });
  }
  await house.store.close();
  process.disconnect();
}

/** Resolves when it is in the pipe, which outlives this process. */
function say(progress: Progress): Promise<void> {
  return new Promise((resolve, reject) =>
    process.send!(progress, (error: Error | null) => (error === null ? resolve() : reject(error))),
  );
}

interface TwinResult {
  readonly seed: string;
  readonly seconds: number;
  readonly killed: number;
  /** Successes more than without any change, as a share of the oracle's. */
  readonly shares: Readonly<Record<string, number>>;
  readonly harmful: Readonly<Record<string, number>>;
  readonly decisions: Readonly<Record<string, number>>;
  readonly reproduced: { readonly of: number; readonly same: number };
  /** Units of its agent from the reversal to the closer look, the alert and the roll-back; `null` where there was none. */
  readonly reversal: Readonly<Record<'closer' | 'alert' | 'off', number | null>> | null;
  readonly rolledBackWithoutHarm: number;
  /** Of the loop: whether each reached what the rule asks for, by the evidence that its audit row keeps. */
  readonly steps: { readonly of: number; readonly follow: number };
  /** Of the loop: whether the stored list of what came gives the numbers of its audit row again, bit for bit. */
  readonly replayed: { readonly of: number; readonly same: number; readonly rolledBack: number };
  readonly mixedExcluded: number;
  readonly changedByFeedbackText: number;
}

async function measure(twins: number, first: number, units: number, kills: number): Promise<void> {
  const results: TwinResult[] = [];
  for (let seed = first; seed < first + twins; seed += 1) {
    results.push(await runTwin(makeWorld(String(seed), units), kills));
    console.error(JSON.stringify(results.at(-1)));
  }
  console.log(JSON.stringify(summaryOf(results, units), null, 2));
}

function summaryOf(results: readonly TwinResult[], unitsPerDay: number): object {
  const agentMonths = (results.length * AGENTS * DAYS) / 30;
  const mean = (values: readonly number[]): number =>
    rounded(values.reduce((sum, value) => sum + value, 0) / values.length);
  const policies = Object.keys(results[0]?.shares ?? {});
  const reversals = results.flatMap(({ reversal }) => (reversal === null ? [] : [reversal]));
  const total = (of: (result: TwinResult) => number): number =>
    results.reduce((sum, result) => sum + of(result), 0);
  return {
    bench: 'experiments/ninety-days',
    ...{ twins: results.length, agentMonths, unitsPerDay },
    shareOfOracle: Object.fromEntries(
      policies.map((policy) => [
        policy,
        {
          mean: mean(results.map(({ shares }) => shares[policy] ?? 0)),
          least: rounded(Math.min(...results.map(({ shares }) => shares[policy] ?? 0))),
        },
      ]),
    ),
    harmfulChangesPer100AgentMonths: Object.fromEntries(
      policies.map((policy) => [
        policy,
        rounded((100 * total(({ harmful }) => harmful[policy] ?? 0)) / agentMonths),
      ]),
    ),
    reversals: {
      of: reversals.length,
      medianCloser: median(reversals.map(({ closer }) => closer ?? Infinity)),
      medianAlert: median(reversals.map(({ alert }) => alert ?? Infinity)),
      medianOff: median(reversals.map(({ off }) => off ?? Infinity)),
    },
    decisionsReproduced: shareOf(
      total(({ reproduced }) => reproduced.same),
      total(({ reproduced }) => reproduced.of),
    ),
    stepsThatFollowFromTheirEvidence: shareOf(
      total(({ steps }) => steps.follow),
      total(({ steps }) => steps.of),
    ),
    stepsReproduced: shareOf(
      total(({ replayed }) => replayed.same),
      total(({ replayed }) => replayed.of),
    ),
    rollBacksReproduced: total(({ replayed }) => replayed.rolledBack),
    rolledBackWithoutHarm: total(({ rolledBackWithoutHarm }) => rolledBackWithoutHarm),
    changedByFeedbackText: total(({ changedByFeedbackText }) => changedByFeedbackText),
    killed: total(({ killed }) => killed),
    seconds: total(({ seconds }) => seconds),
  };
}

async function runTwin(world: World, kills: number): Promise<TwinResult> {
  const folder = mkdtempSync(join(tmpdir(), 'ninety-days-'));
  const databaseUrl = `sqlite:${join(folder, 'twin.db')}`;
  const startedAt = performance.now();
  try {
    const lived = await liveThrough(world, databaseUrl, kills);
    const house = await openHouse(world, databaseUrl);
    house.setNow(instantOf(DAYS));
    try {
      const naive = [
        ['refreshed p < .05', runNaively(world, 'refreshed p < .05')],
        ['ship if inconclusive', runNaively(world, 'ship if inconclusive')],
        ['never changing', { gain: 0, harmful: 0 }],
      ] as const;
      return await judge(house, world, { ...lived, naive, startedAt });
    } finally {
      await house.store.close();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Starts the process again wherever it was killed. */
async function liveThrough(
  world: World,
  databaseUrl: string,
  kills: number,
): Promise<{ gain: number; killed: number }> {
  const random = seededRandom(`kills ${world.seed}`);
  const moments = Array.from({ length: kills }, () => Math.floor(LAST_ROUND * random())).sort(
    (a, b) => a - b,
  );
  let [gain, killed, next, isServed] = [0, 0, 0, false];
  while (next < LAST_ROUND) {
    const killAt = moments[killed] ?? Infinity;
    await new Promise<void>((resolve, reject) => {
      const of = [databaseUrl, world.seed, String(world.unitsPerDay), String(next)];
      const child = fork(process.argv[1]!, ['process', ...of, isServed ? 'served' : '']);
      child.on('message', ({ round, served }: Progress) => {
        if (served !== null) gain += served.gain;
        isServed = served !== null;
        next = isServed ? round : round + 1;
        // At any moment of the next round.
        if (next >= killAt) setTimeout(() => child.kill('SIGKILL'), 200 * random());
      });
      child.on('error', reject);
      child.on('exit', (code, signal) => {
        if (signal === 'SIGKILL') killed += 1;
        if (code === 0 || signal === 'SIGKILL') resolve();
        else reject(new Error(`the process ended with ${code ?? signal}`));
      });
    });
  }
  return { gain, killed };
}

interface Lived {
  readonly gain: number;
  readonly killed: number;
  readonly startedAt: number;
  readonly naive: readonly (readonly [string, PolicyResult])[];
}

/** What the ledger says of the ninety days, against the truth of the world. */
async function judge(house: House, world: World, lived: Lived): Promise<TwinResult> {
  const oracle = oracleGain(world);
  const experiments = await house.experiments.list();
  const reproduced = { of: 0, same: 0 };
  const decisions: Record<string, number> = {};
  let mixedExcluded = 0;
  for (const experiment of experiments) {
    decisions[experiment.decision] = (decisions[experiment.decision] ?? 0) + 1;
    const analysis = await house.experiments.analyze(experiment.id);
    mixedExcluded += analysis.excluded.find(({ reason }) => reason === 'mixed_variant')?.units ?? 0;
    if (experiment.status === 'running') continue;
    reproduced.of += 1;
    const again = decide(await house.experiments.observations(experiment.id), experiment.rules);
    const said = [experiment.decision, experiment.winner, experiment.reason];
    // The rule of the days ends what `decide` would go on with.
    const end = `${experiment.durationDays} days and ${again.units} units, and neither is shown to be better`;
    const told =
      again.decision === 'continue'
        ? ['no_decision', null, end]
        : [again.decision, again.winner, again.reason];
    if (isDeepStrictEqual(told, said)) reproduced.same += 1;
    else console.error(`not reproduced: ${JSON.stringify({ id: experiment.id, told, said })}`);
  }
  const changes = await changesOf(house, world);
  return {
    seed: world.seed,
    seconds: (performance.now() - lived.startedAt) / 1_000,
    killed: lived.killed,
    shares: Object.fromEntries([
      ['ours', rounded(lived.gain / oracle)],
      ...lived.naive.map(([name, { gain }]) => [name, rounded(gain / oracle)] as const),
    ]),
    harmful: Object.fromEntries([
      ['ours', changes.harmful],
      ...lived.naive.map(([name, { harmful }]) => [name, harmful] as const),
    ]),
    ...{ decisions, reproduced, mixedExcluded },
    reversal: changes.reversal,
    rolledBackWithoutHarm: changes.rolledBackWithoutHarm,
    steps: changes.steps,
    replayed: changes.replayed,
    changedByFeedbackText: changes.byOthers,
  };
}

async function changesOf(
  house: House,
  world: World,
): Promise<{
  harmful: number;
  reversal: TwinResult['reversal'];
  rolledBackWithoutHarm: number;
  byOthers: number;
  steps: TwinResult['steps'];
  replayed: TwinResult['replayed'];
}> {
  let [harmful, rolledBackWithoutHarm, byOthers] = [0, 0, 0];
  let reversal: TwinResult['reversal'] = null;
  const steps = { of: 0, follow: 0 };
  const replayed = { of: 0, same: 0, rolledBack: 0 };
  for (const change of world.changes) {
    const audit = await house.engine.history(`adaptation-${change.id}`);
    for (const step of await house.engine.replay(`adaptation-${change.id}`)) {
      replayed.of += 1;
      if (step.isSame) replayed.same += 1;
      else console.error(`not reproduced: ${JSON.stringify(step.replayed)}`, step.audit);
      if (step.isSame && step.audit.to === 'rolled_back') replayed.rolledBack += 1;
    }
    const dayOf = ({ atUnixNano }: AuditEntry): number => Number(atUnixNano - START) / 86_400e9;
    const known = ['learner', 'standing approval', 'operator', 'feedback loop'];
    byOthers += audit.filter(({ actor }) => !known.includes(actor)).length;
    const adopted = audit.find(({ from, to }) => from === 'approved' && to === 'active');
    if (adopted !== undefined && effectOf(change, dayOf(adopted)) < 0) harmful += 1;
    for (const { evidence } of audit) {
      const { needed, alarm, e_value: eValue } = evidence;
      if (typeof needed !== 'number') continue;
      steps.of += 1;
      if (Number(alarm ?? eValue) >= needed) steps.follow += 1;
    }
    const rolledBack = audit.filter(({ to, from }) => to === 'rolled_back' && from !== to);
    rolledBackWithoutHarm += rolledBack.filter((row) => effectOf(change, dayOf(row)) >= 0).length;
    const reverses = change.reversesOn;
    if (reverses === null || adopted === undefined || dayOf(adopted) >= reverses) continue;
    const unitsTo = (is: (entry: AuditEntry) => boolean): number | null => {
      const row = audit.find((entry) => dayOf(entry) >= reverses && is(entry));
      return row === undefined ? null : Math.round((dayOf(row) - reverses) * world.unitsPerDay);
    };
    reversal = {
      closer: unitsTo(({ reason }) => reason.startsWith('looked at')),
      alert: unitsTo(({ reason }) => reason.startsWith('looks harmful')),
      off: unitsTo(({ to }) => to === 'rolled_back'),
    };
  }
  return { harmful, reversal, rolledBackWithoutHarm, byOthers, steps, replayed };
}
