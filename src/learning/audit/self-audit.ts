import type { AuditShare, DroppedCandidate, SelfAudit } from '../../model/learned';
import type { Look } from '../../model/pattern';
import { clopperPearson, seededRandom } from '../../stats';
import { generateCandidates } from '../candidates/candidates';
import { createDonorPool, withDonors, type DonorPool } from './donors';
import { testMembers } from '../look/family';
import { qValuesByList } from '../look/finding-lists';
import type { LearningSettings } from '../units/learning-settings';
import { alphaOfLook } from '../look/look-schedule';
import type { Member } from '../look/member';
import { dimensionsOf, outcomeColumn } from '../units/outcome-column';
import type { StratumKey } from '../units/stratum-keys';
import type { UnitTable } from '../units/unit-table';
import { createWorkbench, type Workbench } from '../comparison/workbench';

/** Tests of each kind that an audit aims at, so that shares can be read; a large family is thinned. */
const wantedTests = 600;
const mostRounds = 20;
const levels = [0.05, 0.01, 0.001];

/**
 * The method held against features that cannot matter (LEARNING 4 c 5), each tested under the rule of
 * the candidate it copies. A decoy takes the feature of any other run: it checks the arithmetic. A
 * placebo takes that of another task's run of the same task type, agent and hundred runs: it shares
 * what the candidate shares with time, agent and release, and checks that the comparison is free of it.
 * Behaviours on tasks that never repeat are not audited: no copy can see the difficulty of a task.
 */
export function auditMethod(
  table: UnitTable,
  looks: readonly Look[],
  settings: LearningSettings,
): SelfAudit {
  const bench = createWorkbench(table, settings);
  const candidates = generateCandidates(table, settings);
  const columns = dimensionsOf(table, settings).map((name) => outcomeColumn(table, name, settings));
  const members = testMembers(candidates, columns, bench);
  const family = members.filter(({ unadjusted }) => !unadjusted);
  const bar = claimBar(family, alphaOfLook(Math.max(1, looks.length), settings.alpha));
  const copied = thin(
    family.filter(({ score, candidate }) => score.reason === null && candidate.within === null),
  );
  const pools = createPools(bench);
  const decoys = testCopies(copied, 'decoy', pools, bench);
  const placebos = testCopies(copied, 'placebo', pools, bench);
  return {
    bar,
    decoys: shareBelow(decoys, bar),
    placebos: shareBelow(placebos, bar),
    calibration: levels.map((level) => ({
      level,
      decoys: shareBelow(decoys, level),
      placebos: shareBelow(placebos, level),
    })),
    looks,
    dropped: members.flatMap(toDropped),
  };
}

/** The largest p-value that the family's correction lets through; what one test alone would need else. */
function claimBar(family: readonly Member[], alpha: number): number {
  const qValues = qValuesByList(family);
  const claimed = family.filter((member) => (qValues.get(member) ?? 1) <= alpha);
  const single = alpha / Math.max(1, family.length);
  return claimed.reduce((most, { pValue }) => Math.max(most, pValue), single);
}

function thin(members: readonly Member[]): Member[] {
  const step = Math.max(1, Math.ceil(members.length / wantedTests));
  return members.filter((_, i) => i % step === 0);
}

type Copy = 'decoy' | 'placebo';
type Pools = (keys: readonly StratumKey[], byTask: boolean) => DonorPool;

function createPools({ table, settings }: Workbench): Pools {
  const known = new Map<string, DonorPool>();
  return (keys, byTask) => {
    const name = JSON.stringify([keys, byTask]);
    const pool = known.get(name) ?? createDonorPool(keys, byTask, table, settings);
    known.set(name, pool);
    return pool;
  };
}

/** p-values of the copies that could be tested. */
function testCopies(
  members: readonly Member[],
  copy: Copy,
  pools: Pools,
  bench: Workbench,
): number[] {
  if (members.length === 0) return [];
  const rounds = Math.min(mostRounds, Math.max(1, Math.round(wantedTests / members.length)));
  return members.flatMap(({ id, candidate, column, comparison }) => {
    const keys = cellKeys(copy, candidate.notStratifiedBy);
    const pool = pools(keys, comparison.rule === 'task_means');
    const name = JSON.stringify([copy, keys, comparison.rule === 'task_means']);
    return Array.from({ length: rounds }, (_, round) => {
      const random = seededRandom(`${copy} ${id} ${round}`);
      return bench.score(withDonors(candidate, pool, name, random), column, comparison);
    }).flatMap(({ reason, pValue }) => (reason === null ? [pValue] : []));
  });
}

/** What a candidate is itself, or settles, its copy may not be drawn within. */
function cellKeys(copy: Copy, own: readonly StratumKey[]): StratumKey[] {
  const keys: readonly StratumKey[] = copy === 'decoy' ? [] : ['task.type', 'agent', 'epoch'];
  return keys.filter((key) => !own.includes(key));
}

function shareBelow(pValues: readonly number[], level: number): AuditShare {
  const claimed = pValues.filter((p) => p <= level).length;
  const of = pValues.length;
  return { claimed, of, interval: of === 0 ? null : clopperPearson(claimed, of, 0.95) };
}

function toDropped({ candidate, column, objection }: Member): DroppedCandidate[] {
  if (objection === null) return [];
  return [{ predicate: candidate.predicate, dimension: column.dimension, reason: objection }];
}
