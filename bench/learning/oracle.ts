import { benjaminiHochberg, chiSquareSf } from '../../src/stats';
import type { ClosedExecution } from '../../src/model/learning';
import type { Stream } from './streams';

/**
 * The facts that one look could find at best: a test within tasks of one agent which is told every run's chance of
 * success but for the feature under test, so that neither difficulty nor time nor the other facts cost it anything.
 * The same correction over a family of the same size.
 */
export function factsFoundByOracle(
  { executions, chances, facts }: Stream,
  features: number,
  effectOf: (predicate: string) => number,
  look: { readonly alpha: number; readonly tested: number },
): string[] {
  const groups = groupsOf(executions);
  const predicates = Array.from({ length: features }, (_, f) => `tag:f${f}`);
  const pValues = predicates.map((predicate) => {
    const has = executions.map(({ tags }) =>
      tags.includes(predicate.slice('tag:'.length)) ? 1 : 0,
    );
    return pValueOf(has, executions, chances, effectOf(predicate), groups);
  });
  const qValues = benjaminiHochberg(pValues, Math.max(features, look.tested));
  return facts.filter((fact) => (qValues[predicates.indexOf(fact)] ?? 1) <= look.alpha);
}

function groupsOf(executions: readonly ClosedExecution[]): number[][] {
  const groups = new Map<string, number[]>();
  executions.forEach(({ taskId, agent }, i) => {
    const name = `${taskId} ${agent.id}`;
    groups.set(name, [...(groups.get(name) ?? []), i]);
  });
  return [...groups.values()];
}

function pValueOf(
  has: readonly number[],
  executions: readonly ClosedExecution[],
  chances: readonly number[],
  effect: number,
  groups: readonly number[][],
): number {
  let [score, variance] = [0, 0];
  for (const group of groups) {
    const mean = group.reduce((sum, i) => sum + (has[i] ?? 0), 0) / group.length;
    for (const i of group) {
      const without = (chances[i] ?? 0) - effect * (has[i] ?? 0);
      const x = (has[i] ?? 0) - mean;
      score += x * ((executions[i]?.outcome['reward'] ?? 0) - without);
      variance += x * x * without * (1 - without);
    }
  }
  return variance === 0 ? 1 : chiSquareSf((score * score) / variance, 1);
}
