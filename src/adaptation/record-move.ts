import type { Adaptation, Lever } from '../model/adaptation';
import type { ConfigurationDesk } from '../model/ports-adaptation';

/**
 * Stores the versions of the configuration that a change leads from and to: what is in force, else what the levers
 * begin with, with the one setting as it was and as it becomes.
 */
export async function recordMove(
  configurations: ConfigurationDesk | undefined,
  levers: ReadonlyMap<string, Lever>,
  { knob, from, to }: Pick<Adaptation, 'knob' | 'from' | 'to'>,
  actor: string,
): Promise<Pick<Adaptation, 'fromVersionId' | 'toVersionId'>> {
  if (configurations === undefined) return { fromVersionId: null, toVersionId: null };
  const current = await configurations.current();
  const initial = [...levers.values()].map((lever) => [lever.knob, lever.initial] as const);
  const base = current?.config ?? Object.fromEntries(initial);
  const before = await configurations.record({ ...base, [knob]: from }, { actor });
  const label = `${knob} = ${JSON.stringify(to)}`.slice(0, 200);
  const after = await configurations.record(
    { ...base, [knob]: to },
    { actor, label, parentId: before.id },
  );
  return { fromVersionId: before.id, toVersionId: after.id };
}
