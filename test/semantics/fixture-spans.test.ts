import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { SpanMeaning, SpanRecord } from '../../src/model/span';
import { interpretSpan } from '../../src/semantics';
import { makeMeaning } from '../support/make-meaning';
import { attributes, makeSpan } from '../support/make-span';

const folder = join(__dirname, 'fixtures');
const names = readdirSync(folder)
  .filter((file) => file.endsWith('.span.json'))
  .map((file) => file.slice(0, -'.span.json'.length));

/** What a span means that says nothing; a fixture states where it differs. */
const nothing: SpanMeaning = makeMeaning();

describe('interpretSpan on fixtures', () => {
  test.each(names)('%s', (name) => {
    const span = readSpan(name);
    const meaning = interpretSpan(span);
    const rewardIds = meaning.rewards.map(({ id }) => id);
    for (const id of rewardIds) expect(id).toMatch(/^[0-9a-f]{32}$/);
    expect(new Set(rewardIds).size).toBe(rewardIds.length);
    expect(interpretSpan(readSpan(name)).rewards.map(({ id }) => id)).toEqual(rewardIds);
    expect(asJson(meaning)).toEqual({ ...asJson(nothing), ...readJson(name, 'expected') });
  });

  test('there are pairs for every convention', () => {
    expect(names.length).toBeGreaterThanOrEqual(25);
  });
});

function readSpan(name: string): SpanRecord {
  return makeSpan(reviveSpan(readJson(name, 'span')) as Partial<SpanRecord>);
}

function readJson(name: string, kind: 'span' | 'expected'): Record<string, unknown> {
  const text = readFileSync(join(folder, `${name}.${kind}.json`), 'utf8');
  return JSON.parse(text) as Record<string, unknown>;
}

/** Times become bigint, attributes null-prototype objects, as every entrance makes them. */
function reviveSpan(value: unknown, key = ''): unknown {
  if (key.endsWith('UnixNano') && typeof value === 'string') return BigInt(value);
  if (Array.isArray(value)) return value.map((item) => reviveSpan(item));
  if (typeof value !== 'object' || value === null) return value;
  if (key === 'attributes') return attributes(value as SpanRecord['attributes']);
  return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, reviveSpan(v, k)]));
}

/** Ids of rewards are hashes, looked at on their own. */
function asJson(meaning: SpanMeaning): Record<string, unknown> {
  const rewards = meaning.rewards.map(({ id: _, ...reward }) => reward);
  const text = JSON.stringify({ ...meaning, rewards }, (_key, value: unknown) =>
    typeof value === 'bigint' ? String(value) : value,
  );
  return JSON.parse(text) as Record<string, unknown>;
}
