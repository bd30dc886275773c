import { ConfigError, assertKnownKeys, didYouMean } from '../errors';
import type {
  Experiment,
  ExperimentInput,
  ExperimentVariant,
  Guardrail,
  GuardrailInput,
  MetricChoice,
} from '../model/experiment';
import { decisionRules, requireSplit } from './decision-rules';
import { metricKinds } from './metrics';

export interface ExperimentSurroundings {
  readonly id: string;
  readonly nowUnixNano: bigint;
  readonly running: readonly Experiment[];
  /** Reward dimensions that are known, besides `reward`. */
  readonly dimensions: readonly string[];
}

/** @throws ConfigError that says what was expected, what came and what to do. */
export function createExperiment(
  input: ExperimentInput,
  around: ExperimentSurroundings,
): Experiment {
  assertKnownKeys('experiment', input, inputKeys);
  const name = requireName('name', input.name, 200);
  const variants = requireVariants(input.variants);
  requireSplit(
    variants.map((variant) => variant.name),
    input.trafficSplit,
  );
  const key = requireName('key', input.key ?? name, 200);
  const metric = requireMetric(input.successMetric, around.dimensions);
  requireFree(key, variants, around.running);
  return {
    id: around.id,
    name,
    key,
    version: 1,
    unit: oneOf('unit', input.unit ?? 'task', ['task', 'session', 'user'] as const),
    variants,
    trafficSplit: [...input.trafficSplit],
    allocation: oneOf('allocation', input.allocation ?? 'split', ['split', 'thompson'] as const),
    floor: requireFloor(input),
    successMetric: metric,
    rules: rulesOf(input, variants, around.dimensions),
    horizonHours: requireRange('horizonHours', input.horizonHours ?? 24, 0, 24 * 90),
    durationDays: requireRange('durationDays', input.durationDays ?? 14, 1e-3, 365),
    rollOutWinner: input.rollOutWinner ?? true,
    status: 'running',
    decision: 'continue',
    winner: null,
    reason: null,
    startedAtUnixNano: around.nowUnixNano,
    decidedAtUnixNano: null,
  };
}

/** The settings that an experiment changes. */
function knobsOf(variants: readonly ExperimentVariant[]): readonly string[] {
  return [...new Set(variants.flatMap(({ config }) => Object.keys(config)))];
}

/** @throws ConfigError unless the changed experiment has the variants it began with. */
export function changeSplit(experiment: Experiment, trafficSplit: readonly number[]): Experiment {
  if (experiment.status !== 'running') {
    throw new ConfigError(
      `experiment ${experiment.id} is ${experiment.status}: its split no longer changes.`,
    );
  }
  if (experiment.allocation === 'thompson') {
    throw new ConfigError(
      `experiment ${experiment.id}: its split follows the outcomes (thompson) and is not set by hand.`,
    );
  }
  requireSplit(
    experiment.variants.map(({ name }) => name),
    trafficSplit,
  );
  return { ...experiment, trafficSplit: [...trafficSplit] };
}

function requireFloor({ floor = 0.05 }: ExperimentInput): number {
  if (floor > 0 && floor < 1) return floor;
  return fail('floor', 'a number strictly between 0 and 1', floor);
}

function requireVariants(given: ExperimentInput['variants']): ExperimentVariant[] {
  const count = Array.isArray(given) ? given.length : 0;
  if (count < 2 || count > 20) fail('variants', 'from two to 20, the control first', count);
  const names = new Set<string>();
  return given.map((variant) => {
    const name = requireName("a variant's name", variant.name, 100);
    if (names.has(name)) fail('variants', 'different names', `"${name}" twice`);
    names.add(name);
    return {
      name,
      config: Object.assign(
        Object.create(null),
        variant.config ?? {},
      ) as ExperimentVariant['config'],
    };
  });
}

function requireMetric(metric: MetricChoice, dimensions: readonly string[]): MetricChoice {
  if (typeof metric === 'string') {
    requireMetricName('successMetric', metric, dimensions);
    return metric;
  }
  const weights = Object.entries(metric?.weights ?? {});
  const sum = weights.reduce((total, [, weight]) => total + weight, 0);
  if (
    weights.length === 0 ||
    weights.some(([, weight]) => !(weight > 0)) ||
    Math.abs(sum - 1) > 1e-9
  ) {
    fail(
      'weights of successMetric',
      'positive numbers that sum to 1',
      JSON.stringify(metric?.weights),
    );
  }
  for (const [dimension] of weights) requireMetricName('successMetric', dimension, dimensions);
  return metric;
}

/** @throws ConfigError for a name that neither every run nor one of the dimensions has. */
export function requireMetricName(
  what: string,
  name: unknown,
  dimensions: readonly string[],
): void {
  const known = [...metricKinds.keys(), 'reward', ...dimensions];
  if (typeof name === 'string' && known.includes(name)) return;
  throw new ConfigError(
    `experiment: ${what} names the unknown metric "${String(name)}".${didYouMean(String(name), known)}`,
    {
      hint: 'A reward dimension is known once a reward brought it, or by `dimensions` in the configuration.',
    },
  );
}

function guardrailOf(
  input: GuardrailInput,
  role: Guardrail['role'],
  dimensions: readonly string[],
): Guardrail {
  requireMetricName(role, typeof input === 'string' ? input : input.metric, dimensions);
  return toGuardrail(input, role);
}

function rulesOf(
  input: ExperimentInput,
  variants: readonly ExperimentVariant[],
  dimensions: readonly string[],
): Experiment['rules'] {
  const { guardrails = [], signals = [] } = input;
  return decisionRules({
    arms: variants.map(({ name }, i) => ({ name, share: input.trafficSplit[i] ?? 0 })),
    guardrails: [
      ...guardrails.map((one) => guardrailOf(one, 'guardrail', dimensions)),
      ...signals.map((one) => guardrailOf(one, 'signal', dimensions)),
    ],
    ...given('alpha', input.alpha),
    ...given('minimumEffect', input.minimumEffect),
    ...given('cap', input.cap),
  });
}

/** With the kind, direction and margin that its metric has by nature. */
export function toGuardrail(input: GuardrailInput, role: Guardrail['role']): Guardrail {
  const given = typeof input === 'string' ? { metric: input } : input;
  const builtIn = metricKinds.get(given.metric) ?? { kind: 'mean', higherIsBetter: true };
  const kind = given.kind ?? builtIn.kind;
  return {
    metric: given.metric,
    kind,
    higherIsBetter: given.higherIsBetter ?? builtIn.higherIsBetter,
    margin: given.margin ?? (kind === 'mean' ? 0.02 : 0.1),
    role,
  };
}

function requireFree(
  key: string,
  variants: readonly ExperimentVariant[],
  running: readonly Experiment[],
): void {
  const knobs = knobsOf(variants);
  for (const other of running.filter(({ status }) => status === 'running')) {
    const shared = knobsOf(other.variants).find((knob) => knobs.includes(knob));
    if (other.key !== key && shared === undefined) continue;
    const what = other.key === key ? `the key "${key}"` : `the setting "${shared}"`;
    throw new ConfigError(`experiment: ${what} is under test in "${other.name}" (${other.id}).`, {
      hint: `Stop it first (experiment stop ${other.id}), or test both settings as variants of one experiment.`,
    });
  }
}

function requireName(what: string, name: unknown, longest: number): string {
  const isText = typeof name === 'string';
  // What is no printable text cannot be stored and compared alike everywhere.
  const isPrintable = isText && !/[\p{Cc}\p{Surrogate}]/u.test(name);
  if (isPrintable && name.trim() !== '' && name.length <= longest) return name;
  const got = isText
    ? isPrintable
      ? `${name.length} characters`
      : 'one with control characters'
    : String(name);
  return fail(what, `a text of 1 to ${longest} characters`, got);
}

function requireRange(what: string, value: number, low: number, high: number): number {
  if (value >= low && value <= high) return value;
  return fail(what, `a number in [${low}, ${high}]`, value);
}

function oneOf<T extends string>(what: string, value: T, allowed: readonly T[]): T {
  if (allowed.includes(value)) return value;
  return fail(what, `one of ${allowed.join(', ')}`, `"${value}"`);
}

function given(key: string, value: number | undefined): object {
  return value === undefined ? {} : { [key]: value };
}

function fail(name: string, expected: string, got: unknown): never {
  throw new ConfigError(`experiment: ${name} must be ${expected}, got ${String(got)}.`);
}

const inputKeys = [
  'name',
  'variants',
  'trafficSplit',
  'successMetric',
  'durationDays',
  'guardrails',
  'signals',
  'unit',
  'key',
  'alpha',
  'minimumEffect',
  'cap',
  'horizonHours',
  'rollOutWinner',
  'allocation',
  'floor',
];
