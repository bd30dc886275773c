import { compareConfigurations, configurationVersion } from '../../src/adaptation';
import { InputError } from '../../src/errors';

const by = { label: null, actor: 'ann', createdAtUnixNano: 1n, parentId: null };

test('the id is the hash of the content: key order does not matter, a value does', () => {
  const { id } = configurationVersion({ a: 1, b: ['x', null] }, by);
  // printf '{"a":1,"b":["x",null]}' | sha256sum
  expect(id).toBe('18c018603b12c4beed8593acb6ad65cdc9667cce853e8b6dffd035fe3a0fb4de');
  expect(configurationVersion({ b: ['x', null], a: 1 }, { ...by, label: 'new' }).id).toBe(id);
  expect(configurationVersion({ a: 2, b: ['x', null] }, by).id).not.toBe(id);
});

test('differences by key', () => {
  expect(compareConfigurations({ a: 1, b: 2, d: [1] }, { a: 1, b: 3, c: 4, d: [1] })).toEqual([
    { key: 'b', before: 2, after: 3 },
    { key: 'c', before: undefined, after: 4 },
  ]);
});

test('refuses what is no JSON', () => {
  expect(() => configurationVersion({ a: NaN }, by)).toThrow(InputError);
  expect(() => configurationVersion({ a: (() => 1) as never }, by)).toThrow(/got a function/);
  const cycle: Record<string, unknown> = {};
  cycle.self = cycle;
  expect(() => configurationVersion(cycle as never, by)).toThrow(/100 levels/);
  expect(() => configurationVersion({ a: 'x'.repeat(1_000_001) }, by)).toThrow(/1 MB/);
});
