/**
 * Acceptance of the demo: runs it for some seeds, each into a SQLite file of its own, learns once, and
 * prints as JSON what was found. `demo-seeds.mjs [first seed] [seeds] [root] [executions]`
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { learnedDimensions, runDemo } from '../src/demo';
import { createEvolution } from '../src/index';
import type { EvolutionStore } from '../src/model/ports';

const [firstSeed = '1', seedCount = '10', root, executions] = process.argv.slice(2);

interface SeedResult {
  readonly seed: number;
  readonly executions: number;
  readonly droppedSpans: number;
  readonly runSeconds: number;
  readonly learnSeconds: number;
  readonly findings: number;
  readonly confirmed: number;
  readonly tested: number;
  readonly inertClaims: readonly string[];
  /** Effect where claimed, as a finding or listed under one, else `null`. */
  readonly mainEffects: Readonly<Record<string, number | null>>;
  readonly interactions: Readonly<Record<string, number | null>>;
  readonly diedByTask: readonly string[];
}

const MAIN_EFFECTS = ['config:scan=import', 'config:scan=both', 'config:window=tail'];
const INTERACTIONS = [
  'config:scan=import & attr:package.module_system=esm',
  'config:scan=require & attr:package.module_system=esm',
  'config:scan=import & attr:package.module_system=cjs',
];

const results: SeedResult[] = [];
for (let seed = Number(firstSeed); seed < Number(firstSeed) + Number(seedCount); seed += 1) {
  const result = await runSeed(seed);
  console.error(
    `seed ${seed}: ${result.runSeconds.toFixed(1)} s, ${result.findings} findings, ${result.confirmed} of them confirmed, ` +
      `${result.inertClaims.length} inert claims, ${result.diedByTask.length} died by task`,
  );
  results.push(result);
}
console.log(JSON.stringify({ acceptance: judge(results), seeds: results }, null, 2));

async function runSeed(seed: number): Promise<SeedResult> {
  const folder = mkdtempSync(join(tmpdir(), 'demo-seeds-'));
  const evolution = await createEvolution({
    databaseUrl: `sqlite:${join(folder, 'demo.db')}`,
    dimensions: learnedDimensions,
  });
  try {
    const startedAt = performance.now();
    const demo = await runDemo({
      evolution,
      root,
      seed,
      ...(executions === undefined ? {} : { executions: Number(executions) }),
    });
    const ranAt = performance.now();
    const learned = await evolution.learner.learn();
    const { items } = await evolution.store.queryPatterns({ limit: 1000 });
    const review = await evolution.learner.review({ limit: 1000 });
    const learnedAt = performance.now();
    const observed = await claimedEffects(evolution.store);
    const effectsOf = (names: readonly string[]): Record<string, number | null> =>
      Object.fromEntries(names.map((name) => [name, observed.get(name) ?? null]));
    return {
      seed,
      executions: demo.executions,
      droppedSpans: demo.droppedSpans,
      runSeconds: (ranAt - startedAt) / 1e3,
      learnSeconds: (learnedAt - ranAt) / 1e3,
      findings: items.filter(({ status }) => status === 'observed' || status === 'confirmed')
        .length,
      confirmed: items.filter(({ status }) => status === 'confirmed').length,
      tested: learned.tested,
      inertClaims: [...observed.keys()].filter((text) => text.includes('config:greeting')),
      mainEffects: effectsOf(MAIN_EFFECTS),
      interactions: effectsOf(INTERACTIONS),
      diedByTask: review.marginalFindings
        .filter(({ strata }) => strata.startsWith('task x'))
        .map(({ evidence }) => evidence.predicate.text),
    };
  } finally {
    await evolution.close();
    rmSync(folder, { recursive: true });
  }
}

/** Effects of all that the look claimed: heads of findings and what is listed under them. */
async function claimedEffects(
  store: Pick<EvolutionStore, 'readLedger'>,
): Promise<Map<string, number>> {
  const effects = new Map<string, number>();
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<EvolutionStore['readLedger']>> = await store.readLedger({
      limit: 1_000,
      ...(cursor === null ? {} : { cursor }),
    });
    for (const { predicate, dimension, finding, estimate } of page.items) {
      if (dimension === 'reward' && finding != null && estimate != null) {
        effects.set(predicate, estimate);
      }
    }
    cursor = page.nextCursor;
  } while (cursor !== null);
  return effects;
}

function judge(seeds: readonly SeedResult[]): Readonly<Record<string, unknown>> {
  const found = (
    name: string,
    in_: 'mainEffects' | 'interactions',
  ): Readonly<Record<string, number>> => {
    const effects = seeds.flatMap((seed) => seed[in_][name] ?? []);
    const mean = effects.reduce((sum, effect) => sum + effect, 0) / Math.max(1, effects.length);
    return { seeds: effects.length, meanEffect: Math.round(mean * 1e3) / 1e3 };
  };
  return {
    seeds: seeds.length,
    seedsThatClaimTheInertKnob: seeds.filter(({ inertClaims }) => inertClaims.length > 0).length,
    mainEffects: Object.fromEntries(MAIN_EFFECTS.map((name) => [name, found(name, 'mainEffects')])),
    interactions: Object.fromEntries(
      INTERACTIONS.map((name) => [name, found(name, 'interactions')]),
    ),
    mostFindings: Math.max(...seeds.map(({ findings }) => findings)),
    fewestDiedByTask: Math.min(...seeds.map(({ diedByTask }) => diedByTask.length)),
    droppedSpans: seeds.reduce((sum, { droppedSpans }) => sum + droppedSpans, 0),
  };
}
