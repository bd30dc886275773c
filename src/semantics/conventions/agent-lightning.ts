import type { Convention } from '../convention';

/** Agent Lightning 0.3; a rollout is our task, an attempt our execution. */
export const agentLightning: Convention = {
  name: 'agent-lightning',
  specification:
    'https://github.com/microsoft/agent-lightning/blob/v0.3.0/agentlightning/semconv.py',
  keys: new Map([
    ['agentlightning.rollout_id', 'taskId'],
    ['agentlightning.attempt_id', 'executionId'],
  ]),
  roles: new Map(),
  families: new Map([
    ['agentlightning.reward.', 'lightningReward'],
    ['agentlightning.link.', 'lightningLink'],
    ['agentlightning.tag.', 'lightningTag'],
  ]),
};
