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
    const has = holds([predicate], executions);
    return pValueOf(has, executions, chances, effectOf(predicate), groups);
  });
  const qValues = benjaminiHochberg(pValues, Math.max(features, look.tested));
  return facts.filter((fact) => (qValues[predicates.indexOf(fact)] ?? 1) <= look.alpha);
}

/**
 * What a test within tasks of one agent would read of a predicate if it had all runs there are: of each planted fact that
 * the predicate names its effect times the share of it that is there more where the predicate holds; of any other 0.
 */
export function trueEffectOf(
  text: string,
  { executions, facts }: Stream,
  effectOf: (fact: string) => number,
): number {
  const parts = text.split(' & ');
  const named = facts.filter((fact) => parts.includes(fact));
  if (parts.length === 1 || named.length === 0) return named.reduce((_, f) => effectOf(f), 0);
  const groups = groupsOf(executions);
  const x = within(holds(parts, executions), groups);
  const squares = x.reduce((sum, value) => sum + value ** 2, 0);
  return named.reduce((sum, fact) => {
    const present = holds([fact], executions);
    const shared = x.reduce((product, value, i) => product + value * (present[i] ?? 0), 0);
    return sum + (effectOf(fact) * shared) / squares;
  }, 0);
}

/** 1 for runs that have each of the tags. */
function holds(predicates: readonly string[], executions: readonly ClosedExecution[]): number[] {
  const wanted = predicates.map((predicate) => predicate.slice('tag:'.length));
  return executions.map(({ tags }) => (wanted.every((tag) => tags.includes(tag)) ? 1 : 0));
}

/** Values less the mean of their group. */
function within(values: readonly number[], groups: readonly (readonly number[])[]): number[] {
  const freed = [...values];
  for (const group of groups) {
    const mean = group.reduce((sum, i) => sum + (values[i] ?? 0), 0) / group.length;
    for (const i of group) freed[i] = (values[i] ?? 0) - mean;
  }
  return freed;
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
  const freed = within(has, groups);
  let [score, variance] = [0, 0];
  executions.forEach(({ outcome }, i) => {
    const without = (chances[i] ?? 0) - effect * (has[i] ?? 0);
    const x = freed[i] ?? 0;
    score += x * ((outcome['reward'] ?? 0) - without);
    variance += x * x * without * (1 - without);
  });
  return variance === 0 ? 1 : chiSquareSf((score * score) / variance, 1);
}
