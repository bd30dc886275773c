import type { Attributes, AttributeValue } from '../model/attributes';
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
  const alone = Object.values(exposure).some((value) => value !== null) ? [exposure] : none;
  const own = [...alone, ...listed(record.attributes[EXPOSURES])];
  if (record.events.length === 0) return own;
  const evaluated = record.events.flatMap(({ name, attributes }) =>
    name === 'feature_flag.evaluation' || name === 'feature_flag' ? evaluation(attributes) : [],
  );
  return evaluated.length === 0 ? own : [...own, ...evaluated].slice(0, MAX_EXPOSURES);
}

/** `KEY=VARIANT` each, both percent-encoded; an adaptation's key is `adaptation:ID`. Baggage brings them. */
const EXPOSURES = 'evolution.exposures';

function listed(value: AttributeValue | undefined): readonly Exposure[] {
  if (!Array.isArray(value)) return none;
  return value.slice(0, MAX_EXPOSURES).flatMap((item) => {
    const [key = '', variant = '', ...rest] = typeof item === 'string' ? item.split('=') : [];
    if (key === '' || variant === '' || rest.length > 0) return [];
    const [subject, name] = [decoded(key), decoded(variant)];
    if (subject === null || name === null) return [];
    const id = subject.startsWith(ADAPTATION) ? subject.slice(ADAPTATION.length) : null;
    const experimentId = id === null ? subject : null;
    return [{ experimentId, variant: name, adaptationId: id, patternId: null }];
  });
}

const ADAPTATION = 'adaptation:';

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

const none: readonly Exposure[] = [];

function evaluation(attributes: Attributes): readonly Exposure[] {
  const experimentId = textOf(attributes['feature_flag.key']);
  const variant =
    textOf(attributes['feature_flag.result.variant']) ?? textOf(attributes['feature_flag.variant']);
  const adaptationId = textOf(attributes['evolution.adaptation.id']);
  if (adaptationId !== null) {
    return [{ experimentId: null, variant, adaptationId, patternId: null }];
  }
  return experimentId === null
    ? none
    : [{ experimentId, variant, adaptationId: null, patternId: null }];
}
