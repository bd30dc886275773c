import fc from 'fast-check';
import { foldMembership } from '../../../src/store/derive/membership';
import { traceId } from '../../support/make-span';
import { makeFoldSpan } from './make-fold-span';

const explicit = (executionId: string) => ({ meaning: { executionId } });

describe('foldMembership', () => {
  it('gives nothing for a trace without a sign of an agent', () => {
    expect(foldMembership([])).toEqual([]);
    expect(foldMembership([makeFoldSpan(1), makeFoldSpan(2, { role: 'chain' })])).toEqual([
      null,
      null,
    ]);
  });

  it.each([
    ['an agent', { role: 'agent' as const }],
    ['an llm', { role: 'llm' as const }],
    ['a tool', { role: 'tool' as const }],
    ['an explicit task', { meaning: { taskId: 't' } }],
  ])('makes the trace one execution where there is %s', (_what, change) => {
    expect(foldMembership([makeFoldSpan(1), makeFoldSpan(2, change)])).toEqual([
      traceId(1),
      traceId(1),
    ]);
  });

  it('puts the whole trace into its only explicit execution', () => {
    expect(foldMembership([makeFoldSpan(1), makeFoldSpan(2, explicit('e'))])).toEqual(['e', 'e']);
  });

  it('lets spans inherit from the nearest ancestor where there are several, and others belong to none', () => {
    const spans = [
      makeFoldSpan(1),
      makeFoldSpan(2, { parent: 1, ...explicit('outer') }),
      makeFoldSpan(3, { parent: 2 }),
      makeFoldSpan(4, { parent: 3, ...explicit('inner') }),
      makeFoldSpan(5, { parent: 4 }),
      makeFoldSpan(6, { parent: 99 }),
    ];
    expect(foldMembership(spans)).toEqual([null, 'outer', 'outer', 'inner', 'inner', null]);
  });

  it('leaves carriers out: they belong to none, create nothing, and are looked through', () => {
    const carrier = makeFoldSpan(2, { parent: 1, carrier: true, role: 'tool', ...explicit('x') });
    expect(foldMembership([carrier])).toEqual([null]);
    const spans = [
      makeFoldSpan(1, explicit('a')),
      carrier,
      makeFoldSpan(3, { parent: 2 }),
      makeFoldSpan(4, explicit('b')),
    ];
    expect(foldMembership(spans)).toEqual(['a', null, 'a', 'b']);
  });

  it('survives rings of parents and traces of any depth', () => {
    const ring = [
      makeFoldSpan(1, { parent: 2 }),
      makeFoldSpan(2, { parent: 1 }),
      makeFoldSpan(3, { parent: 3, ...explicit('a') }),
      makeFoldSpan(4, explicit('b')),
    ];
    expect(foldMembership(ring)).toEqual([null, null, 'a', 'b']);
    const deep = Array.from({ length: 100_000 }, (_, index) =>
      makeFoldSpan(index + 1, index === 0 ? explicit('a') : { parent: index }),
    );
    const folded = foldMembership([...deep, makeFoldSpan(999_999, explicit('b'))].reverse());
    expect(folded[0]).toBe('b');
    expect(folded.slice(1).every((id) => id === 'a')).toBe(true);
  });

  it('does not depend on the order of the spans', () => {
    const span = fc.record({
      parent: fc.integer({ min: 0, max: 8 }),
      executionId: fc.constantFrom(undefined, undefined, 'a', 'b'),
      role: fc.constantFrom('other' as const, 'llm' as const),
      carrier: fc.nat(5).map((number) => number === 0),
    });
    fc.assert(
      fc.property(
        fc.array(span, { maxLength: 8 }).chain((given) => {
          const spans = given.map(({ parent, executionId, ...rest }, index) =>
            makeFoldSpan(index + 1, {
              ...(parent === 0 ? {} : { parent }),
              ...rest,
              meaning: executionId === undefined ? {} : { executionId },
            }),
          );
          return fc.tuple(
            fc.constant(spans),
            fc.shuffledSubarray(spans, { minLength: spans.length, maxLength: spans.length }),
          );
        }),
        ([spans, shuffled]) => {
          const byId = (list: typeof spans) =>
            new Map(foldMembership(list).map((id, index) => [list[index]!.spanId, id]));
          const expected = byId(spans);
          for (const [id, execution] of byId(shuffled)) expect(expected.get(id)).toBe(execution);
        },
      ),
    );
  });
});
