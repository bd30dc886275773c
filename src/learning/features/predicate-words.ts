import { attributeText } from '../../model/attributes';
import type { Predicate } from '../../model/pattern';

/**
 * In brackets what a behaviour's text stands for, where its name alone does not say it: ` (A is called, and no B after
 * it)`; empty where it does, and of more than one condition.
 */
export function inWords({ terms }: Predicate): string {
  const [term, ...others] = terms;
  if (term === undefined || others.length > 0) return '';
  const parts = Array.isArray(term.value) ? (term.value as readonly unknown[]).map(String) : [];
  const [a = '', b = ''] = parts.length > 0 ? parts : term.key.split(',');
  switch (term.kind) {
    case 'never_after':
      return ` (${a} is called, and no ${b} after it)`;
    case 'before':
      return ` (${a} is called before ${b})`;
    case 'bigram':
      return ` (${a}, and ${b} as the next call)`;
    case 'first':
      return ` (the first call)`;
    case 'last':
      return ` (the last call)`;
    case 'retry_after_error':
      return ' (a failed call is made again at once)';
    case 'any_model_error':
      return ' (a call of the model fails)';
    case 'model_errors':
      return ` (${attributeText(term.value)} calls of the model fail, or more)`;
    case 'fan_out':
      return ` (${attributeText(term.value)} calls or more at the same time)`;
    case 'loop':
      return ' (three calls or more with the same arguments)';
    default:
      return '';
  }
}
