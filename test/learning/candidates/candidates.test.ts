import { generateCandidates, resolveLearningSettings, collectUnits } from '../../../src/learning';
import type { Candidate, LearningSettings } from '../../../src/learning';
import { ConfigError } from '../../../src/errors';
import type { ClosedExecution } from '../../../src/model/learning';
import { makeExecution, toolSteps } from '../../support/make-execution';
import { attributes } from '../../support/make-span';

async function candidatesOf(
  runs: readonly ClosedExecution[],
  settings: Partial<LearningSettings> = {},
): Promise<Map<string, Candidate>> {
  const table = await collectUnits(runs);
  const candidates = generateCandidates(table, resolveLearningSettings(settings));
  return new Map(candidates.map((candidate) => [candidate.predicate.text, candidate]));
}

function runs(
  n: number,
  make: (i: number) => Partial<ClosedExecution>,
): readonly ClosedExecution[] {
  return Array.from({ length: n }, (_, i) => makeExecution(i, make(i)));
}

test('support: at least 20 on each side, and 2 % of many', async () => {
  const few = runs(100, (i) => ({
    tags: [
      ...(i < 20 ? ['enough'] : []),
      ...(i < 19 ? ['rare'] : []),
      ...(i < 81 ? ['usual'] : []),
    ],
  }));
  const names = [...(await candidatesOf(few)).keys()].filter((text) => text.startsWith('tag:'));
  expect(names).toEqual(['tag:enough']);
  const many = runs(2_000, (i) => ({
    tags: [...(i < 40 ? ['two'] : []), ...(i % 60 === 0 ? ['less'] : [])],
  }));
  expect([...(await candidatesOf(many)).keys()]).toEqual(['tag:two']);
});

test('equal and nearly equal sets are one candidate with aliases', async () => {
  const found = await candidatesOf(
    runs(400, (i) => ({
      config: attributes({ mode: i % 2 === 0 ? 'a' : 'b' }),
      tags: i % 2 === 0 && i !== 0 ? ['mode-a'] : [],
    })),
  );
  expect(found.get('config:mode=a')?.aliases).toEqual(['tag:mode-a']);
  expect(found.has('tag:mode-a')).toBe(false);
  expect(found.has('config:mode=b')).toBe(true);
});

test('the twenty most frequent levels and the rest together; identifiers are none', async () => {
  const found = await candidatesOf(
    runs(1_250, (i) => ({
      rootAttributes: attributes({ tenant: `t${i % 25}`, ticket: `x${i}`, pair: `p${i >> 2}` }),
    })),
  );
  const tenants = [...found.keys()].filter((text) => text.startsWith('attr:tenant='));
  expect(tenants).toHaveLength(21);
  expect(found.get('attr:tenant=(other)')?.support).toBe(250);
  expect([...found.keys()].some((text) => /attr:(ticket|pair)=/.test(text))).toBe(false);
});

test('numbers are cut at quantiles of the first 250 units, outer bins open', async () => {
  const found = await candidatesOf(
    runs(500, (i) => ({
      inputTokens: i < 250 ? i : 10_000,
      config: attributes({ temperature: (i % 10) / 10 }),
    })),
  );
  const bins = [...found.keys()].filter((text) => text.startsWith('num:input_tokens'));
  expect(bins.sort()).toEqual([
    'num:input_tokens in [-inf,62)',
    'num:input_tokens in [125,187)',
    'num:input_tokens in [187,inf)',
    'num:input_tokens in [62,125)',
  ]);
  expect(found.get('num:input_tokens in [187,inf)')).toMatchObject({
    support: 313,
    outcomeProximal: true,
    preTreatment: false,
  });
  expect(found.has('config:temperature in [0.2,0.5)')).toBe(true);
  expect(found.has('config:temperature=0.3')).toBe(true);
});

test('never_after: the first tool was called and the other did not follow', async () => {
  const calls = [['a', 'b'], ['b', 'a'], ['a'], ['b']];
  const table = await collectUnits(runs(200, (i) => ({ steps: toolSteps(i, calls[i % 4] ?? []) })));
  const all = generateCandidates(table, resolveLearningSettings(), { mergeAliases: false });
  const found = new Map(all.map((candidate) => [candidate.predicate.text, candidate]));
  // In half of the runs a was called and no b came after it.
  expect(found.get('never_after:a,b')?.support).toBe(100);
  expect(found.get('never_after:b,a')?.support).toBe(100);
  expect(found.get('before:a,b')?.support).toBe(50);
  expect(found.get('never_after:a,b')?.predicate.terms).toEqual([
    { kind: 'never_after', key: 'a,b', op: 'present', value: ['a', 'b'] },
  ]);
});

test('a knob in a context is compared within that context', async () => {
  const found = await candidatesOf(
    runs(400, (i) => ({
      config: attributes({ scan: i % 2 === 0 ? 'import' : 'require' }),
      rootAttributes: attributes({ module: i % 8 < 4 ? 'esm' : 'cjs' }),
    })),
  );
  const interaction = found.get('config:scan=import & attr:module=esm');
  expect(interaction).toMatchObject({
    kind: 'interaction',
    support: 100,
    parent: 'config:scan=import',
    contextText: 'attr:module=esm',
    controllable: true,
    preTreatment: true,
  });
  expect(interaction?.within).not.toBeNull();
  expect([
    ...(
      await candidatesOf(
        runs(400, () => ({})),
        { maxInteractions: 0 },
      )
    ).keys(),
  ]).toEqual([]);
});

test('flags say what may become an adaptation', async () => {
  const found = await candidatesOf(
    runs(120, (i) => ({
      config: attributes({ mode: i % 2 }),
      rootAttributes: attributes({ tier: i % 3 }),
      steps: toolSteps(i, i % 5 < 2 ? ['!x', 'x', 'y'] : ['y', 'x']),
    })),
  );
  expect(found.get('config:mode=1')).toMatchObject({ preTreatment: true, controllable: true });
  expect(found.get('attr:tier=0')).toMatchObject({ preTreatment: true, controllable: false });
  // The same runs: any error, last y, retried at once. What says most stands for all.
  const error = [...found.values()].find(({ aliases }) => aliases.includes('any_tool_error'));
  expect(error?.predicate.text).toBe('retry_after_error');
  expect(error).toMatchObject({ preTreatment: false, controllable: false, outcomeTriggered: true });
});

test('settings out of range are refused by name', () => {
  expect(() => resolveLearningSettings({ minSupport: 1 })).toThrow(ConfigError);
  expect(() => resolveLearningSettings({ minSupportShare: 0.6 })).toThrow(/minSupportShare/);
  expect(() => resolveLearningSettings({ dimensions: [] })).toThrow(/dimensions/);
  expect(() => resolveLearningSettings({ dimensions: ['x', 'x'] })).toThrow(/twice/);
  expect(() => resolveLearningSettings({ alpha: NaN })).toThrow(/alpha/);
});
