import { countBits, countCommonBits, intersection } from '../units/bitset';
import type { Candidate } from './candidate';
import { requiredSupport, type LearningSettings } from '../units/learning-settings';
import { makePredicate } from '../features/predicate';
import type { UnitTable } from '../units/unit-table';

/**
 * A knob's level in a context known before the run (`config:scan=import & attr:module=esm`), and a tool
 * in a type of task (`tool:search & attr:task.type=refund`). It is compared with the others among the
 * units of that context only, so that what it claims is an effect in the context and nothing about the
 * context itself.
 */
export function makeInteractions(
  candidates: readonly Candidate[],
  table: UnitTable,
  settings: LearningSettings,
): Candidate[] {
  const least = requiredSupport(table.units.length, settings);
  const knobs = candidates.filter(({ controllable }) => controllable);
  const tools = candidates.filter(({ kind }) => kind === 'tool');
  const contexts = candidates.filter(({ kind }) => kind === 'attr');
  const taskTypes = contexts.filter(({ predicate }) => predicate.terms[0]?.key === 'task.type');
  const pairs = [
    ...knobs.map((subject) => ({ subject, contexts })),
    ...tools.map((subject) => ({ subject, contexts: taskTypes })),
  ];
  const made = pairs.flatMap(({ subject: knob, contexts: places }) =>
    places.flatMap((context) => {
      const support = countCommonBits(knob.bits, context.bits);
      const smaller = Math.min(support, countBits(context.bits) - support);
      return smaller < least ? [] : [{ candidate: inContext(knob, context, support), smaller }];
    }),
  );
  made.sort(
    (a, b) =>
      b.smaller - a.smaller || (a.candidate.predicate.text < b.candidate.predicate.text ? -1 : 1),
  );
  return made.slice(0, settings.maxInteractions).map(({ candidate }) => candidate);
}

function inContext(knob: Candidate, context: Candidate, support: number): Candidate {
  return {
    ...knob,
    predicate: makePredicate([...knob.predicate.terms, ...context.predicate.terms]),
    kind: 'interaction',
    bits: intersection(knob.bits, context.bits),
    within: context.bits,
    contextText: context.predicate.text,
    parent: knob.predicate.text,
    support,
    aliases: [],
    moreAliases: 0,
  };
}
