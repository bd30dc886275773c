import type { Convention } from '../convention';

/** What we write ourselves: INTERFACES, "Attributes we write", here with every key that we read. */
export const evolution: Convention = {
  name: 'otel-evolution',
  specification: 'https://www.npmjs.com/package/otel-evolution',
  keys: new Map([
    ['task.id', 'taskId'],
    ['task.type', 'taskType'],
    ['task.group', 'taskGroup'],
    ['task.input', 'taskInput'],
    ['execution.id', 'executionId'],
    ['execution.attempt', 'attempt'],
    ['execution.replication', 'replication'],
    ['execution.status', 'status'],
    ['execution.success', 'success'],
    ['execution.cost', 'executionCost'],
    ['agent.id', 'agentId'],
    ['agent.name', 'agentName'],
    ['agent.version', 'agentVersion'],
    ['agent.type', 'agentType'],
    ['tool.requestor', 'requestor'],
    // As benchmark runs write it.
    ['requestor', 'requestor'],
    ['agent.config', 'agentConfig'],
    ['evolution.tags', 'tags'],
    ['evolution.attempts_unknown', 'attemptsUnknown'],
    ['evolution.time.synthetic', 'timeSynthetic'],
    ['evolution.experiment.id', 'experimentId'],
    ['evolution.variant', 'variant'],
    ['evolution.adaptation.id', 'adaptationId'],
    ['evolution.pattern.id', 'patternId'],
  ]),
  roles: new Map(),
  families: new Map([
    ['evolution.config.', 'config'],
    ['evolution.propensity.', 'propensity'],
    ['reward.dimension.', 'rewardDimension'],
  ]),
};
