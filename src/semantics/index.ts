export { interpretSpan, type InterpretOptions } from './interpret-span';
export { FLAG_EVALUATION, spanOfFlagEvaluation } from './flag-evaluation';
export { interpretLog } from './interpret-log';
export { applyHook, REDACTION_FAILED } from './redaction/apply-hook';
export {
  redactExecution,
  redactExecutionChange,
  redactTags,
  redactTask,
  redactTaskChange,
} from './redaction/redact-by-hand';
export { redactLinkClaim } from './redaction/redact-link';
export { redactReward } from './redaction/redact-reward';
export { redactSpan } from './redaction/redact-span';
export { type RedactionPolicy } from './redaction/redactor';
export { refusedCarrier } from './carrier';
