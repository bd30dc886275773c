import type { SpanRole } from '../model/span';

/** What a key can say about a span; each has one type, see `read-concepts.ts`. */
export type Concept =
  | 'taskId'
  | 'taskType'
  | 'taskInput'
  | 'executionId'
  | 'attempt'
  | 'replication'
  | 'status'
  | 'success'
  | 'attemptsUnknown'
  | 'timeSynthetic'
  | 'sessionId'
  | 'agentId'
  | 'agentName'
  | 'agentVersion'
  | 'agentType'
  | 'agentConfig'
  | 'serviceName'
  | 'entityName'
  | 'role'
  | 'model'
  | 'responseModel'
  | 'tool'
  | 'inputTokens'
  | 'outputTokens'
  | 'executionCost'
  | 'cost'
  | 'inputCost'
  | 'outputCost'
  | 'errorType'
  | 'experimentId'
  | 'variant'
  | 'adaptationId'
  | 'patternId'
  | 'tags';

/** Keys with a variable part: config knobs, indexed rewards, links, tags and annotations. */
export type KeyFamily =
  | 'config'
  | 'propensity'
  | 'rewardDimension'
  | 'lightningReward'
  | 'lightningLink'
  | 'lightningTag'
  | 'annotation';

/** One dialect of telemetry. */
export interface Convention {
  readonly name: string;
  /** Where the keys are specified. */
  readonly specification: string;
  /** Key → concept. Where two keys of a convention say the same, the earlier one wins. */
  readonly keys: ReadonlyMap<string, Concept>;
  /** Value of a `role` key → role; a value that is not listed says nothing. */
  readonly roles: ReadonlyMap<string, SpanRole>;
  /** Keys whose presence tells the role where no `role` key of any convention does. */
  readonly impliedRoles?: ReadonlyMap<string, SpanRole>;
  /** Prefix of a key → family. */
  readonly families?: ReadonlyMap<string, KeyFamily>;
}
