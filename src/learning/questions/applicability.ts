import type {
  Applicability,
  ApplicabilityEvidence,
  ApplicationContext,
  ContextCell,
} from '../../model/applicability';
import type { Pattern } from '../../model/pattern';
import { derSimonianLaird } from '../../stats';
import { gatherApplicability, gatherOfEach } from './context-cells';
import { fitContextEffects } from './context-effects';
import { outsideOfRange } from '../findings/evidence-context';
import { readRuns, type RunSource, selectRuns } from '../units/select-runs';
import { runsText } from '../units/runs-text';

export interface ApplicabilityOptions {
  /** Least effect of interest, in the effect's measure, >= 0. @defaultValue 0.02 */
  readonly leastEffect?: number | undefined;
  /** Days after which evidence counts half, for the score only, never for a test. @defaultValue 90 */
  readonly halfLifeDays?: number | undefined;
}

/** Beyond this share of variation between contexts nothing is said of a context that was never seen. */
const heterogeneous = 0.75;
/** Runs from which a context's own evidence counts in full. */
const fullRuns = 30;
const applicableFrom = 0.8;
const notApplicableBelow = 0.2;
const nanosPerDay = 86_400_000_000_000n;

/**
 * Whether a pattern holds in a context (LEARNING 4 d): the probability that its effect there has the pattern's sign
 * and matters, from {@link fitContextEffects}. Nothing is said of a context that shares neither agent nor type with
 * what was seen while the contexts differ much, nor of a setting outside the range that was observed, nor where a tag is
 * missing that nearly all runs have.
 */
export function judgeApplicability(
  { cells, settings, tags, latestUnixNano }: ApplicabilityEvidence,
  sign: 1 | -1,
  context: ApplicationContext,
  { leastEffect = 0.02, halfLifeDays = 90 }: ApplicabilityOptions = {},
): Applicability {
  const usable = cells.filter(({ standardError }) => standardError > 0);
  if (usable.length === 0) {
    return abstain('no context has runs on both sides to compare', nothingKnown);
  }
  const { agentId = null, taskType = null } = context;
  const expected = fitContextEffects(usable, sign).at({ agentId, taskType });
  const seen = usable.filter((cell) => cell.agentId === agentId && cell.taskType === taskType);
  const runs = seen.reduce((sum, cell) => sum + cell.runs, 0);
  const estimate = {
    effect: expected.mean,
    interval: expected.interval,
    probability: expected.above(leastEffect, sign),
    runs,
  };
  const outside = outsideOf(settings, tags, context);
  if (outside !== null) return abstain(outside, estimate);
  const related = usable.some((cell) => cell.agentId === agentId || cell.taskType === taskType);
  const spread = heterogeneity(usable);
  if (!related && spread > heterogeneous) {
    return abstain(
      `neither this agent nor this type of task was seen, and ${Math.round(100 * spread)} % of the variation lies between contexts`,
      estimate,
    );
  }
  const own = runs === 0 ? 1 : Math.min(1, runs / fullRuns);
  const age = ageInDays(latestUnixNano, context);
  const score = estimate.probability * own * 2 ** (-age / halfLifeDays);
  return { ...estimate, score, ...conclude(estimate.probability, runs) };
}

/**
 * The same for a stored pattern, from the latest closed runs. @throws as the source does
 */
export async function isApplicable(
  source: RunSource,
  pattern: Pattern,
  context: ApplicationContext,
): Promise<Applicability> {
  const { ids } = await selectRuns(source, {});
  const gathered = await gatherApplicability(readRuns(source, ids), pattern);
  const evidence = { ...gathered, ...foundIn(pattern, gathered) };
  const sign = pattern.effect.estimate < 0 ? -1 : 1;
  return judgeApplicability(evidence, sign, context);
}

/** The pattern's effect in each context that has runs on both sides, the one with most runs first. */
export async function effectsByContext(
  source: RunSource,
  pattern: Pattern,
): Promise<readonly ContextCell[]> {
  const { ids } = await selectRuns(source, {});
  const { cells } = await gatherApplicability(readRuns(source, ids), pattern);
  return cells.toSorted((a, b) => b.runs - a.runs);
}

/** Of each pattern, in their order, its effect among the latest closed runs of one agent, by type of task. */
export async function effectsOfAgent(
  source: RunSource,
  patterns: readonly Pattern[],
  agentId: string,
): Promise<readonly (readonly ContextCell[])[]> {
  const { ids } = await selectRuns(source, { agentId });
  const evidence = await gatherOfEach(readRuns(source, ids), patterns);
  return evidence.map(({ cells }) => cells.toSorted((a, b) => b.runs - a.runs));
}

/** Higgins and Thompson's I²: the share of the variation that is between the cells. */
function heterogeneity(cells: readonly ContextCell[]): number {
  return derSimonianLaird(
    cells.map(({ effect }) => effect),
    cells.map(({ standardError }) => standardError ** 2),
  ).i2;
}

type FoundIn = Pick<ApplicabilityEvidence, 'settings' | 'tags'>;

/** What the pattern was found in; of settings that it does not tell of, what the runs show. */
function foundIn({ context }: Pattern, { settings }: FoundIn): FoundIn {
  const told = new Set(context.configRange.map(({ key }) => key));
  const others = settings.filter(({ key }) => !told.has(key));
  return { settings: [...context.configRange, ...others], tags: context.tags };
}

function outsideOf(
  ranges: FoundIn['settings'],
  tags: FoundIn['tags'],
  { settings = {}, tags: asked }: ApplicationContext,
): string | null {
  for (const range of ranges) {
    const value = Object.hasOwn(settings, range.key) ? settings[range.key] : undefined;
    const outside = value === undefined ? null : outsideOfRange(range, value);
    if (outside !== null) return outside;
  }
  const missing = asked === undefined ? [] : tags.filter((tag) => !asked.includes(tag));
  if (missing.length === 0) return null;
  return `nearly all runs that it was found in are tagged ${missing.join(', ')}, and these are not`;
}

function ageInDays(latest: bigint, { atUnixNano }: ApplicationContext): number {
  if (atUnixNano === undefined || atUnixNano <= latest) return 0;
  return Number((atUnixNano - latest) / (nanosPerDay / 1_000n)) / 1_000;
}

const nothingKnown = { effect: 0, interval: { lower: -1, upper: 1 }, probability: 0, runs: 0 };

function abstain(why: string, estimate: typeof nothingKnown): Applicability {
  return { ...estimate, score: 0, applicable: null, reason: `Cannot say: ${why}.` };
}

function conclude(probability: number, runs: number): Pick<Applicability, 'applicable' | 'reason'> {
  const from = runs === 0 ? 'by what other contexts show' : `${runsText(runs)} of this context`;
  const chance = `probability ${probability.toFixed(2)} that it has such an effect here, ${from}`;
  if (probability >= applicableFrom) return { applicable: true, reason: `Holds here: ${chance}.` };
  if (probability <= notApplicableBelow) {
    return { applicable: false, reason: `Does not hold here: ${chance}.` };
  }
  return { applicable: null, reason: `Cannot say: ${chance}.` };
}
