/**
 * Whether a pattern of the other agents holds for one that was left out: tau2 airline, seven agents. For each agent,
 * the behaviours that tell success among the others (p < .05 by the adjusted test, so more than would be promoted),
 * the probability that applicability gives them for the agent that it never saw, and what its own runs show.
 */
import { judgeApplicability } from '../../src/learning/questions/applicability';
import { generateCandidates } from '../../src/learning/candidates/candidates';
import { gatherApplicability } from '../../src/learning/questions/context-cells';
import { resolveLearningSettings } from '../../src/learning/units/learning-settings';
import { outcomeColumn } from '../../src/learning/units/outcome-column';
import { collectUnits } from '../../src/learning/units/unit-collector';
import { createWorkbench } from '../../src/learning/comparison/workbench';
import type { ClosedExecution } from '../../src/model/learning';
import type { Predicate } from '../../src/model/pattern';
import { readTau2AirlineRuns } from '../../test/support/bench-runs';
import { mean, print, share } from './harness';

const level = 0.05;
const settings = resolveLearningSettings({ maxConjunctions: 0, maxInteractions: 0 });

interface Signed {
  readonly predicate: Predicate;
  readonly sign: 1 | -1;
}

async function tellingAmong(runs: readonly ClosedExecution[]): Promise<Signed[]> {
  const table = await collectUnits(runs, settings);
  const bench = createWorkbench(table, settings);
  const column = outcomeColumn(table, 'reward', settings);
  return generateCandidates(table, settings).flatMap((candidate): Signed[] => {
    if (candidate.preTreatment) return [];
    const { effect, pValue } = bench.score(candidate, column, bench.comparisonOf(candidate));
    if (effect === null || pValue >= level) return [];
    return [{ predicate: candidate.predicate, sign: effect.estimate < 0 ? -1 : 1 }];
  });
}

async function* each(runs: readonly ClosedExecution[]): AsyncGenerator<ClosedExecution> {
  yield* runs;
}

const all = readTau2AirlineRuns();
const agents = [...new Set(all.map(({ agent }) => agent.id))].sort();
const judged: { agent: string | null; probability: number; agrees: boolean; said: string }[] = [];
for (const agent of agents) {
  const others = all.filter((run) => run.agent.id !== agent);
  const own = all.filter((run) => run.agent.id === agent);
  for (const { predicate, sign } of await tellingAmong(others)) {
    const asked = { predicate, dimension: 'reward' };
    const [seen] = (await gatherApplicability(each(own), asked)).cells;
    if (seen === undefined) continue;
    const evidence = await gatherApplicability(each(others), asked);
    const context = {
      agentId: agent ?? undefined,
      taskType: seen.taskType ?? undefined,
    };
    const { probability, applicable } = judgeApplicability(evidence, sign, context);
    const said = applicable === null ? 'cannot say' : applicable ? 'holds' : 'does not hold';
    judged.push({ agent, probability, agrees: seen.effect * sign > 0.02, said });
  }
}
const rows = (of: typeof judged) => ({
  patterns: of.length,
  meanProbability: mean(of.map(({ probability }) => probability)),
  agrees: share(of.filter(({ agrees }) => agrees).length, of.length),
});
print({
  runs: all.length,
  byAgent: Object.fromEntries(
    agents.map((agent) => [agent ?? '', rows(judged.filter((one) => one.agent === agent))]),
  ),
  bySentence: Object.fromEntries(
    ['holds', 'cannot say', 'does not hold'].map((said) => [
      said,
      rows(judged.filter((one) => one.said === said)),
    ]),
  ),
});
