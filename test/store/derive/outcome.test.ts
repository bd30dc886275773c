import fc from 'fast-check';
import { foldOutcome, type Judgement } from '../../../src/store/derive/outcome';

const judgement = (change: Partial<Judgement> = {}): Judgement => ({
  id: 'r',
  scope: 'whole',
  name: 'reward',
  value: 1,
  dimensions: {},
  source: 'code',
  evaluator: null,
  timestampUnixNano: 1n,
  superseded: false,
  ...change,
});
const order = ['human', 'code', 'llm'] as const;
const outcome = (...judgements: Judgement[]) => ({ ...foldOutcome(judgements, order) });

describe('foldOutcome', () => {
  it('is empty where nobody judged, or only gave a label', () => {
    expect(outcome()).toEqual({});
    expect(outcome(judgement({ value: null }), judgement({ superseded: true }))).toEqual({});
  });

  it('takes the first source of the order that judged the dimension', () => {
    const llm = judgement({ source: 'llm', value: 0.25, dimensions: { style: 0.5 } });
    expect(outcome(llm, judgement({ value: 1 }))).toEqual({ reward: 1, style: 0.5 });
    expect(outcome(llm, judgement({ value: 1 }), judgement({ source: 'human', value: 0 }))).toEqual(
      {
        reward: 0,
        style: 0.5,
      },
    );
  });

  it('takes the mean of each evaluator’s latest word', () => {
    expect(
      outcome(
        judgement({ evaluator: 'a', value: 0, timestampUnixNano: 1n }),
        judgement({ evaluator: 'a', value: 1, timestampUnixNano: 2n }),
        judgement({ evaluator: 'b', value: 0.5 }),
      ),
    ).toEqual({ reward: 0.75 });
    expect(outcome(judgement({ id: 'x', value: 0 }), judgement({ id: 'y', value: 1 }))).toEqual({
      reward: 1,
    });
  });

  it('lets parts speak only where the whole is silent', () => {
    const part = judgement({ scope: 'part', value: 0, dimensions: { style: 0.5 } });
    expect(outcome(part)).toEqual({ reward: 0, style: 0.5 });
    expect(outcome(part, judgement({ source: 'llm' }))).toEqual({ reward: 1, style: 0.5 });
  });

  it('counts a reward’s own value once, though it is among its dimensions too', () => {
    expect(
      outcome(judgement({ name: 'style', value: 1, dimensions: { style: 0, tone: 0.5 } })),
    ).toEqual({
      style: 1,
      tone: 0.5,
    });
  });

  it('leaves out sources that the order does not name', () => {
    expect({ ...foldOutcome([judgement({ source: 'llm' })], ['human']) }).toEqual({});
  });

  it('gives steps of 2^-16 and the same bits for every order', () => {
    const any = fc.record({
      scope: fc.constantFrom('whole' as const, 'part' as const),
      value: fc.double({ min: 0, max: 1, noNaN: true }),
      source: fc.constantFrom(...order),
      evaluator: fc.constantFrom('a', 'b', null),
      timestampUnixNano: fc.bigInt({ min: 0n, max: 3n }),
    });
    fc.assert(
      fc.property(fc.array(any, { minLength: 1, maxLength: 8 }), fc.nat(), (given, turn) => {
        const judgements = given.map((change, index) => judgement({ ...change, id: `r${index}` }));
        const turned = [...judgements.slice(turn % 8), ...judgements.slice(0, turn % 8)].reverse();
        const { reward } = outcome(...judgements);
        expect(reward).toBe(Math.round(reward! * 1e9) / 1e9);
        expect(outcome(...turned)).toEqual({ reward });
      }),
    );
  });

  it('keeps a reward of .9 as .9, not .8999939', () => {
    expect(outcome(judgement({ value: 0.9 }))).toEqual({ reward: 0.9 });
  });

  it('takes dimensions of any name', () => {
    const dimensions = JSON.parse('{"__proto__":0.5,"constructor":1}') as Record<string, number>;
    const folded = foldOutcome([judgement({ value: null, dimensions })], order);
    expect(Object.entries(folded)).toEqual([
      ['__proto__', 0.5],
      ['constructor', 1],
    ]);
  });
});
