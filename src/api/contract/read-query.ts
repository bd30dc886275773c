import type { z } from 'zod';
import { didYouMean, InputError } from '../../errors';
import { parameterAliases } from './query-schemas';
import { checked } from './checked';

/** Parameters whose rest of the name is a key: `attribute.KEY`, `config.KEY`, … */
const keyed = /^(attribute|config|settings|weights)\.(.+)$/s;

/**
 * The query string by the schema.
 * @throws InputError that names the parameter, and the nearest one there is
 */
export function readQuery(schema: z.ZodObject | null, search: URLSearchParams): unknown {
  const known = Object.keys(schema?.shape ?? {});
  const given = Object.create(null) as Record<string, unknown>;
  for (const name of new Set(search.keys())) {
    const values = search.getAll(name);
    const [, group, key] = keyed.exec(name) ?? [];
    if (group !== undefined && key !== undefined && known.includes(group)) {
      const map = (given[group] ??= Object.create(null)) as Record<string, string>;
      map[key] = only(name, values);
      continue;
    }
    const target = known.includes(name) ? name : (parameterAliases[name] ?? name);
    if (!known.includes(target)) throw unknownParameter(name, known);
    if (target in given) throw new InputError(`"${name}" and "${target}" are the same parameter.`);
    given[target] = isList(schema, target) ? values : only(name, values);
  }
  return schema === null ? {} : checked(schema, { ...given }, 'parameter');
}

function only(name: string, values: readonly string[]): string {
  const [value = '', ...more] = values;
  if (more.length === 0) return value;
  throw new InputError(`The parameter "${name}" came ${values.length} times; once is meant.`);
}

function isList(schema: z.ZodObject | null, name: string): boolean {
  return (
    schema?.shape[name] !== undefined &&
    ['tags', 'include', 'by', 'kinds', 'group_by'].includes(name)
  );
}

function unknownParameter(name: string, known: readonly string[]): InputError {
  if (known.length === 0) {
    return new InputError(`Unknown parameter "${name}"; there are none here.`);
  }
  return new InputError(`Unknown parameter "${name}".${didYouMean(name, known)}`);
}
