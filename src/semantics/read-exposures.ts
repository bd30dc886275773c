import type { Attributes } from '../model/attributes';
import type { Exposure, SpanRecord } from '../model/span';
import { textOf } from './attribute-value';
import type { Findings } from './read-concepts';

/** More flags than this on one span are not experiments that it takes part in. */
const MAX_EXPOSURES = 32;

/** Experiments, variants and adaptations that a span says it was exposed to: by its attributes and flag evaluations. */
export function readExposures(
  record: SpanRecord,
  said: Findings,
  around: Findings,
): readonly Exposure[] {
  const exposure = {
    experimentId: said.experimentId ?? around.experimentId,
    variant: said.variant ?? around.variant,
    adaptationId: said.adaptationId ?? around.adaptationId,
    patternId: said.patternId ?? around.patternId,
  };
  const own = Object.values(exposure).some((value) => value !== null) ? [exposure] : none;
  if (record.events.length === 0) return own;
  const evaluated = record.events.flatMap(({ name, attributes }) =>
    name === 'feature_flag.evaluation' || name === 'feature_flag' ? evaluation(attributes) : [],
  );
  return evaluated.length === 0 ? own : [...own, ...evaluated].slice(0, MAX_EXPOSURES);
}

const none: readonly Exposure[] = [];

function evaluation(attributes: Attributes): readonly Exposure[] {
  const experimentId = textOf(attributes['feature_flag.key']);
  const variant =
    textOf(attributes['feature_flag.result.variant']) ?? textOf(attributes['feature_flag.variant']);
  return experimentId === null
    ? none
    : [{ experimentId, variant, adaptationId: null, patternId: null }];
}
