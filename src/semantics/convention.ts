import type { SpanRole } from '../model/span';

/** What a key can say about a span as text … */
export type TextConcept =
  | 'taskId'
  | 'taskType'
  | 'taskGroup'
  | 'taskInput'
  | 'executionId'
  | 'sessionId'
  | 'agentId'
  | 'agentName'
  | 'agentVersion'
  | 'agentType'
  | 'serviceName'
  | 'entityName'
  | 'model'
  | 'responseModel'
  | 'tool'
  | 'requestor'
  | 'errorType'
  | 'experimentId'
  | 'variant'
  | 'adaptationId'
  | 'patternId';

/** … as a number … */
export type NumberConcept =
  | 'attempt'
  | 'replication'
  | 'inputTokens'
  | 'outputTokens'
  | 'executionCost'
  | 'cost'
  | 'inputCost'
  | 'outputCost';

/** … as yes or no. */
export type FlagConcept = 'success' | 'attemptsUnknown' | 'timeSynthetic';

export type Concept =
  TextConcept | NumberConcept | FlagConcept | 'role' | 'status' | 'agentConfig' | 'tags';

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
