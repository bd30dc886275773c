/** Pilot of the demo's agent without telemetry: accuracy per question type and knob level, as JSON. */
import { answerQuestion } from '../src/demo/package-agent';
import { evaluateAnswer, QUESTION_TYPES } from '../src/demo/evaluate';
import { findPackages } from '../src/demo/installed-packages';
import type { Knobs } from '../src/demo/knobs';
import { drawKnobs } from '../src/demo/knobs';
import { createPackageTools } from '../src/demo/package-tools';
import { makeTasks } from '../src/demo/questions';

interface Run {
  readonly type: string;
  readonly moduleSystem: string;
  readonly knobs: Knobs;
  readonly accuracy: number;
}

const root = process.argv[2] ?? 'node_modules';
const seed = Number(process.argv[3] ?? 1);
const executions = Number(process.argv[4] ?? 2_000);

const census = await findPackages(root);
const tasks = makeTasks(census.packages, { seed, executions });
const runs: Run[] = [];
for (const task of tasks) {
  for (let replication = 0; replication < task.replications; replication += 1) {
    const { knobs } = drawKnobs(seed, `${task.id}/1/${replication}`);
    const answer = await answerQuestion(
      { type: task.type, text: task.text, packageName: task.package.name },
      knobs,
      createPackageTools(task.package.folder),
    );
    runs.push({
      type: task.type,
      moduleSystem: task.facts['package.module_system'] ?? 'none',
      knobs,
      accuracy: evaluateAnswer(task.truth, answer),
    });
  }
}

const rate = (of: readonly Run[]): number =>
  Math.round((100 * of.filter((run) => run.accuracy >= 0.5).length) / Math.max(1, of.length)) / 100;

console.log(
  `packages ${census.found} (${census.packages.length} different), tasks ${tasks.length}, runs ${runs.length}, success ${rate(runs)}`,
);
const columns: readonly [string, (run: Run) => boolean][] = [
  ['all', () => true],
  ...QUESTION_TYPES.map((type): [string, (run: Run) => boolean] => [type, (r) => r.type === type]),
  ...['esm', 'cjs', 'dual'].map((kind): [string, (run: Run) => boolean] => [
    kind,
    (r) => r.moduleSystem === kind,
  ]),
];
const table: Record<string, Record<string, string>> = {};
const count: Record<string, string> = {};
for (const [name, test] of columns)
  count[name] = `${rate(runs.filter(test))} n${runs.filter(test).length}`;
table['all'] = count;
for (const knob of ['window', 'scan', 'first_file', 'effort', 'normalise', 'greeting'] as const) {
  for (const level of [...new Set(runs.map((run) => run.knobs[knob]))].sort()) {
    const row: Record<string, string> = {};
    for (const [name, test] of columns) {
      const inside = runs.filter(test);
      const with_ = rate(inside.filter((run) => run.knobs[knob] === level));
      const without = rate(inside.filter((run) => run.knobs[knob] !== level));
      row[name] = `${with_} ${with_ >= without ? '+' : ''}${(with_ - without).toFixed(2)}`;
    }
    table[`${knob}=${level}`] = row;
  }
}
console.table(table);
