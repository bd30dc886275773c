import { assertKnownKeys, ConfigError } from '../errors';
import type { Lever } from '../model/adaptation';

export type LeverValue = Lever['initial'];

/**
 * Everything that may be changed, in one typed place.
 *
 * @throws ConfigError for a lever that cannot be one: unknown keys, a knob twice, no values, an initial or
 * served value outside of them.
 */
export function declareLevers(levers: readonly Lever[]): ReadonlyMap<string, Lever> {
  const declared = new Map<string, Lever>();
  for (const lever of levers) {
    assertKnownKeys('lever', lever, [
      'knob',
      'kind',
      'values',
      'initial',
      'serves',
      'holds',
      'signals',
    ]);
    const { knob, kind } = lever;
    if (typeof knob !== 'string' || knob === '') fail('a lever', 'have a knob', knob);
    if (declared.has(knob)) fail(`lever ${knob}`, 'be declared once', 'twice');
    if (!['config', 'prompt', 'strategy'].includes(kind)) {
      fail(`kind of lever ${knob}`, 'be config, prompt or strategy', kind);
    }
    if (!['in_context', 'everywhere'].includes(lever.holds ?? 'in_context')) {
      fail(`holds of lever ${knob}`, 'be in_context or everywhere', lever.holds);
    }
    requireValues(lever);
    requireSignals(lever);
    for (const value of [lever.initial, ...Object.values(lever.serves ?? {})]) {
      if (allowedValue(lever, value) === null) {
        fail(
          `values of lever ${knob}`,
          'contain its initial and served values',
          JSON.stringify(value),
        );
      }
    }
    declared.set(knob, Object.freeze({ ...lever, serves: { ...lever.serves } }));
  }
  return declared;
}

/**
 * The declared value that this is, or `null`: the way in for anything that was learned. Texts must equal a
 * declared one in full; numbers as text are numbers.
 */
export function allowedValue(lever: Lever, value: unknown): LeverValue | null {
  const { values } = lever;
  if ('oneOf' in values) {
    return values.oneOf.find((one) => one === value || String(one) === value) ?? null;
  }
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && number >= values.min && number <= values.max ? number : null;
}

function requireValues({ knob, kind, values }: Lever): void {
  if (!isValues(values)) {
    fail(`values of lever ${knob}`, 'be { oneOf: […] } or { min, max }', JSON.stringify(values));
  }
  if (
    'oneOf' in values &&
    (values.oneOf.length < 2 || new Set(values.oneOf).size < values.oneOf.length)
  ) {
    fail(`values of lever ${knob}`, 'be two or more different ones', JSON.stringify(values.oneOf));
  }
  if ('min' in values && !(values.min < values.max && Number.isFinite(values.max - values.min))) {
    fail(`range of lever ${knob}`, 'have min < max', `${values.min}..${values.max}`);
  }
  if ('min' in values && kind !== 'config') fail(`lever ${knob}`, 'list its values', 'a range');
}

function requireSignals({ knob, signals = [] }: Lever): void {
  for (const signal of signals) {
    const metric: unknown = typeof signal === 'string' ? signal : signal.metric;
    if (typeof metric === 'string' && metric !== '') continue;
    fail(`signals of lever ${knob}`, 'name metrics', JSON.stringify(signal));
  }
}

/** Levers also come from a file. */
function isValues(values: unknown): values is Lever['values'] {
  if (typeof values !== 'object' || values === null) return false;
  if ('oneOf' in values) {
    const { oneOf } = values;
    const isPlain = (one: unknown): boolean => ['string', 'number', 'boolean'].includes(typeof one);
    return Array.isArray(oneOf) && oneOf.every(isPlain);
  }
  return (
    'min' in values &&
    'max' in values &&
    typeof values.min === 'number' &&
    typeof values.max === 'number'
  );
}

function fail(what: string, expected: string, got: unknown): never {
  throw new ConfigError(`${what} must ${expected}, got ${String(got)}.`);
}
