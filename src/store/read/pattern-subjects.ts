import { attributeText } from '../../model/attributes';
import type { Pattern, PredicateTerm } from '../../model/pattern';
import type { PatternQuery } from '../../model/query';

/**
 * What a pattern is about, as `key=value` in the words of the filter: `tool=search`,
 * `config.window=tail`, `type=airline`. A range of numbers names no value.
 */
export function subjectsOf({ predicate, context }: Pattern): readonly string[] {
  const subjects = predicate.terms.flatMap(subjectsOfTerm);
  const type = context.taskType === null ? [] : [`type=${context.taskType}`];
  return [...new Set([...subjects, ...type])];
}

/** The subjects that a query asks for; a pattern must have them all. */
export function subjectsAsked(query: PatternQuery): readonly string[] {
  const one = (key: string, value: string | undefined): string[] =>
    value === undefined ? [] : [`${key}=${value}`];
  const each = (prefix: string, values: Readonly<Record<string, string>> = {}): string[] =>
    Object.entries(values).map(([key, value]) => `${prefix}.${key}=${value}`);
  return [
    ...one('type', query.taskType),
    ...one('agent', query.agentId),
    ...one('model', query.model),
    ...one('tool', query.tool),
    ...(query.tags ?? []).map((tag) => `tag=${tag}`),
    ...each('config', query.config),
    ...each('attribute', query.attributes),
  ];
}

function subjectsOfTerm({ kind, key, op, value }: PredicateTerm): readonly string[] {
  switch (kind) {
    case 'agent':
    case 'model':
    case 'tag':
    case 'tool':
      return [`${kind}=${key}`];
    case 'first':
    case 'last':
    case 'loop':
    case 'error':
      return [`tool=${key}`];
    case 'bigram':
    case 'trigram':
    case 'before':
    case 'never_after':
      return (value as readonly string[]).map((tool) => `tool=${tool}`);
    case 'config':
      return op === '=' ? [`config.${key}=${attributeText(value)}`] : [];
    case 'attr':
      return op === '=' ? attributeSubjects(key, attributeText(value)) : [];
    default:
      return [];
  }
}

function attributeSubjects(key: string, value: string): readonly string[] {
  const subject = `attribute.${key}=${value}`;
  return key === 'task.type' ? [subject, `type=${value}`] : [subject];
}
