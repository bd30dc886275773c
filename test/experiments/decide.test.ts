import { ConfigError, InputError } from '../../src/errors';
import { decide, type DecisionRulesInput } from '../../src/experiments';
import type { Guardrail, Observation } from '../../src/model/experiment';
import { clopperPearson, seededRandom } from '../../src/stats';

const arms = [
  { name: 'control', share: 0.5 },
  { name: 'treatment', share: 0.5 },
];

interface World {
  readonly control: number;
  readonly treatment: number;
  readonly units: number;
  readonly share?: number;
  readonly measures?: (treated: boolean, random: () => number) => Record<string, number>;
  /** Share of outcomes that never come, by arm. */
  readonly missing?: readonly [number, number];
}

function* stream(seed: string, world: World): Generator<Observation> {
  const random = seededRandom(seed);
  for (let unit = 0; unit < world.units; unit += 1) {
    const treated = random() >= (world.share ?? 0.5);
    const missing = random() < (world.missing?.[treated ? 1 : 0] ?? 0);
    const value = random() < (treated ? world.treatment : world.control) ? 1 : 0;
    yield {
      unit: `unit-${unit}`,
      arm: treated ? 'treatment' : 'control',
      value: missing ? null : value,
      measures: world.measures?.(treated, random),
    };
  }
}

const better: World = { control: 0.5, treatment: 0.65, units: 3_000 };
const errors: Guardrail = {
  metric: 'errors',
  kind: 'mean',
  higherIsBetter: false,
  margin: 0.02,
  role: 'guardrail',
};

describe('decide', () => {
  test('ships what is better, says by how much, and stops there', () => {
    const decision = decide(stream('better', better), { arms });
    expect(decision).toMatchObject({ decision: 'ship', winner: 'treatment' });
    expect(decision.units).toBeLessThan(1_000);
    expect(decision.reason).toMatch(
      /^treatment is better than control by \d+\.\d points after \d+ units/,
    );
    expect(decision.arms[1]!.eValue).toBeGreaterThanOrEqual(20);
  });

  test('keeps control where the challenger is worse', () => {
    const decision = decide(stream('worse', { ...better, treatment: 0.35 }), { arms });
    expect(decision).toMatchObject({ decision: 'keep_control', winner: null });
  });

  test('keeps control where no gain worth shipping is left', () => {
    const world = { control: 0.5, treatment: 0.5, units: 8_000 };
    const rules = { arms, cap: 8_000, minimumEffect: 0.1 };
    const decision = decide(stream('futile', world), rules);
    expect(decision.decision).toBe('keep_control');
    expect(decision.reason).toBe('treatment gains less than 0.1');
  });

  test('the cap ends without a winner', () => {
    const world = { control: 0.5, treatment: 0.51, units: 2_000 };
    const decision = decide(stream('cap', world), { arms, cap: 600, minimumEffect: 0.001 });
    expect(decision).toMatchObject({ decision: 'no_decision', winner: null, units: 600 });
  });

  test('before the cap it goes on', () => {
    const world = { control: 0.5, treatment: 0.52, units: 300 };
    expect(decide(stream('on', world), { arms }).decision).toBe('continue');
  });

  test('a broken assignment is invalid whatever the outcomes say', () => {
    const decision = decide(stream('ratio', { ...better, share: 0.35 }), {
      arms,
      cap: 3_000,
      minimumUnitsPerArm: 1_400,
    });
    expect(decision.decision).toBe('invalid');
    expect(decision.reason).toMatch(/planned shares/);
    expect(decision.sampleRatioEValue).toBeGreaterThanOrEqual(1_000);
  });

  test('outcomes that go missing in one arm are invalid too', () => {
    const world = { control: 0.5, treatment: 0.5, units: 6_000, missing: [0, 0.3] as const };
    const decision = decide(stream('missing', world), { arms, cap: 6_000 });
    expect(decision.decision).toBe('invalid');
    expect(decision.reason).toMatch(/missing more often/);
  });

  test('a harmed guardrail ends it; the same metric as a signal only asks', () => {
    const world: World = {
      ...better,
      measures: (treated, random) => ({ errors: random() < (treated ? 0.6 : 0.05) ? 1 : 0 }),
    };
    const guarded = decide(stream('harm', world), { arms, guardrails: [errors] });
    expect(guarded).toMatchObject({ decision: 'keep_control', reason: 'treatment harms errors' });
    const signal = { ...errors, role: 'signal' as const };
    const asked = decide(stream('harm', world), { arms, guardrails: [signal] });
    expect(asked).toMatchObject({ decision: 'ship', signals: ['errors'] });
  });

  test('an unharmed guardrail lets it through, not before it was watched', () => {
    const world: World = {
      ...better,
      measures: (_, random) => ({ errors: random() < 0.03 ? 1 : 0 }),
    };
    const decision = decide(stream('fine', world), { arms, guardrails: [errors] });
    expect(decision.decision).toBe('ship');
    expect(decision.units).toBeGreaterThanOrEqual(1_000);
    expect(decision.arms[1]!.guardrails[0]).toMatchObject({ harmed: false, inside: true });
  });

  test('what comes after the decision changes nothing', () => {
    const all = [...stream('later', better)];
    const decision = decide(all, { arms });
    const turned = all
      .slice(decision.units)
      .map((one) => ({ ...one, value: one.arm === 'control' ? 1 : 0 }));
    expect(decide([...all.slice(0, decision.units), ...turned], { arms })).toEqual(decision);
  });

  test('unequal shares and logged propensities are used', () => {
    const random = seededRandom('propensities');
    const observations = Array.from({ length: 2_500 }, (_, i): Observation => {
      const share = i < 1_000 ? 0.1 : 0.5;
      const treated = random() < share;
      const value = random() < (treated ? 0.7 : 0.5) ? 1 : 0;
      return {
        unit: String(i),
        arm: treated ? 'treatment' : 'control',
        propensities: { control: 1 - share, treatment: share },
        value,
      };
    });
    expect(decide(observations, { arms }).decision).toBe('ship');
  });

  const bad: readonly [string, DecisionRulesInput, RegExp][] = [
    ['one arm', { arms: [{ name: 'a', share: 1 }] }, /at least two/],
    [
      'shares',
      {
        arms: [
          { name: 'a', share: 0.5 },
          { name: 'b', share: 0.4 },
        ],
      },
      /0\.5 \+ 0\.4 = 0\.9/,
    ],
    [
      'names',
      {
        arms: [
          { name: 'a', share: 0.5 },
          { name: 'a', share: 0.5 },
        ],
      },
      /different names/,
    ],
    ['alpha', { arms, alpha: 0 }, /alpha/],
    ['margin', { arms, guardrails: [{ ...errors, margin: 0 }] }, /margin of guardrail errors/],
  ];
  test.each(bad)('refuses rules: %s', (_, rules, message) => {
    expect(() => decide([], rules)).toThrow(ConfigError);
    expect(() => decide([], rules)).toThrow(message);
  });

  test('refuses an observation of an arm it does not know, or with an impossible value', () => {
    const observation = { unit: 'u', arm: 'other', value: 1 };
    expect(() => decide([observation], { arms })).toThrow(
      new InputError('unit u: unknown variant "other", expected one of control, treatment.'),
    );
    expect(() => decide([{ ...observation, arm: 'control', value: 2 }], { arms })).toThrow(
      /\[0, 1\]/,
    );
  });
});

describe('simulated, watched after every unit', () => {
  function shipped(what: string, world: World, runs: number): number {
    let count = 0;
    for (let run = 0; run < runs; run += 1) {
      const decision = decide(stream(`${what} ${run}`, world), {
        arms,
        cap: world.units,
        minimumEffect: 1e-9,
      });
      if (decision.decision === 'ship') count += 1;
    }
    return count;
  }

  test.each([0.05, 0.5, 0.9])('no effect at %d: seldom shipped', (p) => {
    const count = shipped(`null ${p}`, { control: p, treatment: p, units: 2_000 }, 60);
    // The bench has the figure; here only what .05 could not give.
    expect(clopperPearson(count, 60, 0.99).lower).toBeLessThanOrEqual(0.05);
  });

  test('.5 against .6: mostly shipped within 2,000', () => {
    expect(
      shipped('power', { control: 0.5, treatment: 0.6, units: 2_000 }, 40),
    ).toBeGreaterThanOrEqual(36);
  });
});
