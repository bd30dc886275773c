import type { ExecutionJson } from '../../wire';

/** Keys of the settings that differ among runs, in order: only these tell runs apart. */
export function varyingSettings(runs: readonly Pick<ExecutionJson, 'config'>[]): readonly string[] {
  const keys = new Set(runs.flatMap(({ config }) => Object.keys(config ?? {})));
  return [...keys]
    .filter((key) => new Set(runs.map(({ config }) => JSON.stringify(config?.[key]))).size > 1)
    .sort();
}

/** Dimensions that any run was judged in; the primary one first. */
export function rewardDimensions(
  runs: readonly Pick<ExecutionJson, 'rewards'>[],
): readonly string[] {
  const names = [...new Set(runs.flatMap(({ rewards }) => Object.keys(rewards)))].sort();
  return names.includes('reward') ? ['reward', ...names.filter((n) => n !== 'reward')] : names;
}
