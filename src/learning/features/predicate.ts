import { attributeText, type AttributeValue } from '../../model/attributes';
import type { Predicate, PredicateTerm } from '../../model/pattern';

/** The stable text of a predicate; the only place where it is made. It is never parsed back. */
export function predicateText(terms: readonly PredicateTerm[]): string {
  const [only] = terms;
  return terms.length === 1 && only !== undefined
    ? termText(only)
    : terms.map(termText).join(' & ');
}

export function makePredicate(terms: readonly PredicateTerm[]): Predicate {
  return { text: predicateText(terms), terms };
}

/**
 * The kind of a candidate, as `candidates --kinds` names it: the first word of its text, with the
 * count where it has one (`tool`, `tool>=3`, `tool_errors>=2`, `bigram`), or `interaction`.
 */
export function predicateKind(terms: readonly PredicateTerm[]): string {
  const [term] = terms;
  if (terms.length !== 1 || term === undefined) return 'interaction';
  return term.op === '>=' ? `${term.kind}>=${attributeText(term.value)}` : term.kind;
}

function termText({ kind, key, op, value }: PredicateTerm): string {
  const name = key === '' ? kind : `${kind}:${key}`;
  switch (op) {
    case 'present':
      return name;
    case 'absent':
      return `not ${name}`;
    case '=':
      return `${name}=${attributeText(value)}`;
    case '>=':
      return `${name}>=${attributeText(value)}`;
    case 'in':
      return `${name} in ${rangeText(value)}`;
  }
}

/** Half-open range `[a,b)`; `null` is an open end. */
function rangeText(value: AttributeValue): string {
  const [from, to] = Array.isArray(value) ? (value as readonly AttributeValue[]) : [null, null];
  return `[${endText(from, '-inf')},${endText(to, 'inf')})`;
}

function endText(end: AttributeValue | undefined, open: string): string {
  return end === null || end === undefined ? open : attributeText(end);
}
