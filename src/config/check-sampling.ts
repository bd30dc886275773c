import { type DeclaredPolicy, nothingDeclared, type SamplingDeclaration } from '../model/sampling';
import type { Checked } from './checked';

/** `'none'`, a share, or `{ rate, policies }`. */
export function checkSampling(value: unknown): Checked<SamplingDeclaration> {
  const expected =
    '"none", a share above 0 up to 1, or { "policies": [{ "name": "uniform", "probability": 0.1 }, { "name": "failures" }] } in the order of the Collector, with different names and a probability for what looks at nothing';
  if (value === 'none') return { value: { ...nothingDeclared, rate: 1 } };
  if (isShare(value)) return { value: { ...nothingDeclared, rate: value } };
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return { expected };
  const { rate = null, policies = [], ...rest } = value as Record<string, unknown>;
  const known = Array.isArray(policies) ? policies.map(policyOf) : [null];
  const names = new Set(known.map((policy) => policy?.name));
  const isUsable = known.every((policy) => policy !== null) && names.size === known.length;
  if (!isUsable || !(rate === null || isShare(rate))) return { expected };
  return Object.keys(rest).length > 0 ? { expected } : { value: { rate, policies: known } };
}

const isShare = (value: unknown): value is number =>
  typeof value === 'number' && value > 0 && value <= 1;

function policyOf(value: unknown): DeclaredPolicy | null {
  if (typeof value !== 'object' || value === null) return null;
  const { name, probability = null, ...rest } = value as Record<string, unknown>;
  const isPolicy =
    typeof name === 'string' &&
    name !== '' &&
    (probability === null || isShare(probability)) &&
    Object.keys(rest).length === 0;
  return isPolicy ? { name, probability } : null;
}
