import type { Convention } from '../convention';

/** Pydantic AI (Logfire) before it named its agent spans by `gen_ai.operation.name`. */
export const pydanticAi: Convention = {
  name: 'pydantic-ai',
  specification: 'https://ai.pydantic.dev/logfire/',
  keys: new Map([
    ['agent_name', 'agentName'],
    ['model_name', 'model'],
    ['operation.cost', 'cost'],
  ]),
  roles: new Map(),
  impliedRoles: new Map([['agent_name', 'agent']]),
};
