import type { QuestionType } from './evaluate';
import { QUESTION_TYPES, readModuleSystem, readTruth } from './evaluate';
import type { InstalledPackage } from './installed-packages';
import { shuffle } from './seeded-draw';

/** A question about one package, with the right answer, which only the evaluator sees. */
export interface PackageTask {
  /** `licence:lodash@4.17.21`. */
  readonly id: string;
  readonly type: QuestionType;
  readonly text: string;
  readonly package: InstalledPackage;
  readonly truth: readonly string[];
  /** 3 for half of the tasks, else 1: fixed before any run. */
  readonly replications: 1 | 3;
  /** Known before any run: stamped on the root span by the harness, unknown to the agent. */
  readonly facts: Readonly<Record<string, string>>;
}

/**
 * A sample of questions whose fixed replications add up to about `executions`, the same for the
 * same packages and seed. Half of the licence questions are about packages that are not MIT.
 * Fewer tasks when the packages give no more.
 */
export function makeTasks(
  packages: readonly InstalledPackage[],
  options: { readonly seed: number; readonly executions: number },
): readonly PackageTask[] {
  const { seed } = options;
  const wanted = Math.ceil(options.executions / 2);
  const candidates = shuffle(seed, packages, keyOf);
  const pools = QUESTION_TYPES.map((type) => ({
    share: Math.ceil(SHARES[type] * wanted),
    pool: poolOf(type, candidates).map((item) => ({ type, item })),
  }));
  const drawn = [
    ...pools.flatMap(({ pool, share }) => pool.slice(0, share)),
    ...pools.flatMap(({ pool, share }) => pool.slice(share)),
  ].slice(0, wanted);
  // ES modules are rare: their tasks come first where runs are given out, so that they can be compared.
  const tasks = shuffle(seed, drawn, ({ type, item }) => `${type}:${keyOf(item)}`).map(toTask);
  const isEsm = (task: Omit<PackageTask, 'replications'>): boolean =>
    task.facts[MODULE_SYSTEM_FACT] === 'esm';
  return [...tasks.filter(isEsm), ...tasks.filter((task) => !isEsm(task))].map((task, index) => ({
    ...task,
    replications: index < tasks.length / 2 ? 3 : 1,
  }));
}

/** The fact about a package that the harness stamps. */
const MODULE_SYSTEM_FACT = 'package.module_system';

function toTask({
  type,
  item,
}: {
  readonly type: QuestionType;
  readonly item: InstalledPackage;
}): Omit<PackageTask, 'replications'> {
  return {
    id: `${type}:${keyOf(item)}`,
    type,
    text: TEXTS[type](item.name),
    package: item,
    truth: readTruth(item.manifest, type) ?? [],
    facts: { [MODULE_SYSTEM_FACT]: readModuleSystem(item.manifest) ?? 'none' },
  };
}

/** Share of each type among the tasks. */
const SHARES: Readonly<Record<QuestionType, number>> = {
  dependencies: 0.28,
  module_system: 0.43,
  licence: 0.21,
  repository: 0.025,
  author: 0.025,
  binaries: 0.03,
};

const TEXTS: Readonly<Record<QuestionType, (name: string) => string>> = {
  dependencies: (name) => `Which packages does ${name} depend on directly?`,
  module_system: (name) => `Is ${name} a cjs, an esm or a dual package?`,
  licence: (name) => `Under which licence (SPDX id) is ${name} published?`,
  repository: (name) => `Which GitHub repository (owner/name) does ${name} come from?`,
  author: (name) => `Who is the author of ${name}?`,
  binaries: (name) => `Which commands does ${name} install?`,
};

function keyOf(item: InstalledPackage): string {
  return `${item.name}@${item.version}`;
}

/**
 * The packages that a type can be asked about, in the order in which they are taken: licence
 * questions take MIT and others in turn, module questions the three systems, as long as there are any.
 */
function poolOf(
  type: QuestionType,
  packages: readonly InstalledPackage[],
): readonly InstalledPackage[] {
  const askable = packages.filter((item) => readTruth(item.manifest, type) !== null);
  if (type === 'licence') {
    return inTurn(askable, (item) => (item.manifest.license === 'MIT' ? 'MIT' : 'other'));
  }
  if (type === 'module_system') {
    return inTurn(askable, (item) => (readModuleSystem(item.manifest) === 'esm' ? 'esm' : 'other'));
  }
  return askable;
}

/** One of each class in turn; a class that runs out leaves its turns to the others. */
function inTurn<Item>(items: readonly Item[], classOf: (item: Item) => string): readonly Item[] {
  const classes = new Map<string, Item[]>();
  for (const item of items) {
    classes.set(classOf(item), [...(classes.get(classOf(item)) ?? []), item]);
  }
  const queues = [...classes.values()];
  return items.flatMap((_, turn) => queues.flatMap((queue) => queue.slice(turn, turn + 1)));
}
