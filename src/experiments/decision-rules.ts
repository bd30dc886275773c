import { ConfigError } from '../errors';
import type { DecisionRules, Guardrail } from '../model/experiment';

export type DecisionRulesInput = Partial<Omit<DecisionRules, 'arms' | 'guardrails'>> & {
  readonly arms: DecisionRules['arms'];
  readonly guardrails?: readonly Guardrail[] | undefined;
};

/** Fills in the defaults (LEARNING 4 e) and checks every number. */
export function decisionRules(input: DecisionRulesInput): DecisionRules {
  const rules = { ...defaults, ...withoutUndefined(input) } as DecisionRules;
  requireArms(rules.arms);
  requireRange('alpha', rules.alpha, 0, 0.5);
  requireRange('minimumEffect', rules.minimumEffect, 0, 1);
  for (const name of counts) requireCount(name, rules[name]);
  if (!(rules.sampleRatioLimit > 1))
    fail('sampleRatioLimit', 'an e-value > 1', rules.sampleRatioLimit);
  const seen = new Set<string>();
  for (const { metric, margin } of rules.guardrails) {
    if (seen.has(metric)) fail('guardrails', 'each metric once', metric);
    seen.add(metric);
    if (!(margin > 0 && margin < 10))
      fail(`margin of guardrail ${metric}`, 'a number in (0, 10)', margin);
  }
  return rules;
}

const counts = ['minimumUnitsPerArm', 'cap', 'guardrailUnits', 'guardrailRun'] as const;

const defaults: Omit<DecisionRules, 'arms'> = {
  alpha: 0.05,
  minimumUnitsPerArm: 100,
  cap: 3_000,
  minimumEffect: 0.05,
  guardrails: [],
  guardrailUnits: 1_000,
  guardrailRun: 200,
  sampleRatioLimit: 1_000,
};

/** Shares that sum to 1 within what a sum of decimals may lose. */
export function requireSplit(names: readonly string[], split: readonly number[]): void {
  if (split.length !== names.length) {
    fail('trafficSplit', `one share per variant (${names.length})`, `${split.length} shares`);
  }
  for (const share of split) {
    if (!(share > 0 && share < 1)) fail('trafficSplit', 'shares strictly between 0 and 1', share);
  }
  const sum = split.reduce((total, share) => total + share, 0);
  if (Math.abs(sum - 1) > 1e-9) {
    fail(
      'trafficSplit',
      'shares that sum to 1',
      `${split.join(' + ')} = ${Number(sum.toPrecision(12))}`,
    );
  }
}

function requireArms(arms: DecisionRules['arms']): void {
  if (arms.length < 2) fail('arms', 'at least two, the control first', arms.length);
  if (new Set(arms.map(({ name }) => name)).size !== arms.length) {
    fail('arms', 'different names', arms.map(({ name }) => name).join(', '));
  }
  requireSplit(
    arms.map(({ name }) => name),
    arms.map(({ share }) => share),
  );
}

function requireRange(name: string, value: number, low: number, high: number): void {
  if (!(value > low && value < high)) fail(name, `a number between ${low} and ${high}`, value);
}

function requireCount(name: string, value: number): void {
  if (!Number.isSafeInteger(value) || value < 0) fail(name, 'an integer >= 0', value);
}

function fail(name: string, expected: string, got: unknown): never {
  throw new ConfigError(`experiment: ${name} must be ${expected}, got ${String(got)}.`);
}

function withoutUndefined(input: object): object {
  return Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined));
}
