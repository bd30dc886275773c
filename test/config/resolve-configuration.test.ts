import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { resolveConfiguration } from '../../src/config';
import { ConfigError, didYouMean } from '../../src/errors';

const configFile = (values: unknown): string => {
  const path = join(mkdtempSync(join(tmpdir(), 'evolution-config-')), 'otel-evolution.json');
  writeFileSync(path, typeof values === 'string' ? values : JSON.stringify(values));
  return path;
};

describe('precedence: option, then file, then environment, then default', () => {
  test.each([
    ['nothing', {}, {}, 4319, 'default'],
    ['environment', {}, { EVOLUTION_PORT: '5001' }, 5001, 'environment'],
    [
      'file',
      {},
      { EVOLUTION_PORT: '5001', EVOLUTION_CONFIG: configFile({ port: 5002 }) },
      5002,
      'file',
    ],
    [
      'option',
      { port: 5003 },
      { EVOLUTION_PORT: '5001', EVOLUTION_CONFIG: configFile({ port: 5002 }) },
      5003,
      'option',
    ],
  ] as const)('%s', (_name, options, environment, port, source) => {
    const resolved = resolveConfiguration(options, environment);
    expect(resolved.values.port).toBe(port);
    expect(resolved.sources.port).toBe(source);
  });

  test('the result is frozen', () => {
    expect(Object.isFrozen(resolveConfiguration({}, {}).values)).toBe(true);
  });
});

test('text from the environment stays text: a token may be all digits', () => {
  const token = '12345678901234567890';
  const resolved = resolveConfiguration({}, { EVOLUTION_TOKEN: token });
  expect(resolved.values.token).toBe(token);
  expect(resolved.warnings).toEqual([]);
});

describe('wrong settings', () => {
  test('an unknown option is an error with the nearest name', () => {
    expect(() => resolveConfiguration({ databseUrl: 'x' } as object, {})).toThrow(
      'unknown setting "databseUrl". Did you mean "databaseUrl"?',
    );
  });

  test('an option out of range is a ConfigError that names it', () => {
    expect(() => resolveConfiguration({ port: 70_000 }, {})).toThrow(ConfigError);
    expect(() => resolveConfiguration({ port: 70_000 }, {})).toThrow(/port/);
  });

  test('a broken file is named', () => {
    const path = configFile('{');
    expect(() => resolveConfiguration({}, { EVOLUTION_CONFIG: path })).toThrow(path);
    expect(() => resolveConfiguration({}, { EVOLUTION_CONFIG: configFile('[1]') })).toThrow(
      /one JSON object/,
    );
    expect(() => resolveConfiguration({}, { EVOLUTION_CONFIG: '/nowhere/x.json' })).toThrow(
      /Cannot read/,
    );
  });

  test('a wrong environment variable warns and falls back', () => {
    const resolved = resolveConfiguration({}, { EVOLUTION_PORT: 'many' });
    expect(resolved.values.port).toBe(4319);
    expect(resolved.warnings).toHaveLength(1);
    expect(resolved.warnings[0]).toMatch(/EVOLUTION_PORT/);
    expect(resolved.passedOver).toEqual(['port']);
  });
});

describe('what cannot be used is told', () => {
  test('all wrong settings at once', () => {
    const path = configFile({ successThreshold: 2, sourceOrder: ['human'] });
    const resolve = (): unknown =>
      resolveConfiguration({ port: 70_000, hots: 'x' } as object, { EVOLUTION_CONFIG: path });
    expect(resolve).toThrow(ConfigError);
    for (const part of [
      '4 settings cannot be used',
      'option: port: expected an integer from 0 to 65535, came 70000.',
      'unknown setting "hots". Did you mean "host"?',
      'successThreshold: expected a number from 0 to 1, came 2.',
      'sourceOrder: expected "human", "code" and "llm" in an order, came ["human"].',
    ]) {
      expect(resolve).toThrow(part);
    }
  });

  test.each(['nonsense', 'postgress://user:hunter2@host', 'sqlite:'])(
    'EVOLUTION_DB_URL=%s is refused, not passed over, and not repeated',
    (url) => {
      const resolve = (): unknown => resolveConfiguration({}, { EVOLUTION_DB_URL: url });
      expect(resolve).toThrow(/^EVOLUTION_DB_URL: expected sqlite:PATH or postgres:/);
      expect(resolve).not.toThrow(/hunter2/);
      expect(
        resolveConfiguration({ databaseUrl: 'sqlite:x.db' }, { EVOLUTION_DB_URL: url }).warnings,
      ).toEqual([]);
    },
  );

  test('EVOLUTION_DBURL: did you mean', () => {
    const { warnings } = resolveConfiguration({}, { EVOLUTION_DBURL: 'sqlite:x.db' });
    expect(warnings).toEqual([
      'EVOLUTION_DBURL is no variable of otel-evolution. Did you mean "EVOLUTION_DB_URL"?',
    ]);
  });

  test.each([
    [{ m: { inputUsdPerMillionTokens: 1, outputUsdPerMillionTokens: 2 } }, true],
    [{ m: { inputUsdPerMillionTokens: -1, outputUsdPerMillionTokens: 2 } }, false],
    [{ m: { inputUsdPerMillionTokens: 1 } }, false],
    [{ m: { inputUsdPerMillionTokens: 1, outputUsdPerMillionTokens: 2, currency: 'EUR' } }, false],
  ])('prices %j: %s', (prices, usable) => {
    const resolve = (): unknown => resolveConfiguration({ prices } as object, {});
    if (usable) expect(resolve).not.toThrow();
    else expect(resolve).toThrow('option: prices: expected');
  });
});

test('a far-off name lists what is known', () => {
  expect(didYouMean('zzzzzz', ['port', 'host'])).toBe(' Known: port, host.');
});

describe('retention', () => {
  const none = { maxAgeDays: null, maxSizeBytes: null };
  test.each([
    ['30d', { ...none, maxAgeDays: 30 }],
    ['2GB', { ...none, maxSizeBytes: 2e9 }],
    ['1.5GiB, 0.5d', { maxAgeDays: 0.5, maxSizeBytes: 1.5 * 2 ** 30 }],
    ['none', none],
    ['20000000', { ...none, maxSizeBytes: 2e7 }],
  ])('EVOLUTION_RETENTION=%s', (text, expected) => {
    const { values, warnings } = resolveConfiguration({}, { EVOLUTION_RETENTION: text });
    expect(warnings).toEqual([]);
    expect(values.retention).toEqual(expected);
  });

  test.each([['soon'], ['2GB,3GB'], ['1KB'], ['0d'], ['']])('%j is passed over', (text) => {
    const { values } = resolveConfiguration({}, { EVOLUTION_RETENTION: text });
    expect(values.retention).toBeNull();
  });

  test('an object, which knows two limits only', () => {
    expect(
      resolveConfiguration({ retention: { ...none, maxAgeDays: 7 } }, {}).values.retention,
    ).toEqual({
      ...none,
      maxAgeDays: 7,
    });
    const wrong = { ...none, days: 7 };
    expect(() => resolveConfiguration({ retention: wrong }, {})).toThrow('maxAgeDays');
  });
});

describe('sampling', () => {
  const policies = [{ name: 'failures' }, { name: 'uniform', probability: 0.1 }];

  it.each([
    ['none', { rate: 1, policies: [] }],
    [0.25, { rate: 0.25, policies: [] }],
    [
      { policies },
      {
        rate: null,
        policies: [
          { name: 'failures', probability: null },
          { name: 'uniform', probability: 0.1 },
        ],
      },
    ],
  ])('%j is understood', (given, expected) => {
    const { values } = resolveConfiguration({ sampling: given as never }, {});
    expect(values.sampling).toEqual(expected);
  });

  it.each([
    [0],
    [1.5],
    ['some'],
    [{ policies: { uniform: 0.1 } }],
    [{ policies: [{ name: 'uniform', probability: 0 }] }],
    [{ policies: [{ name: 'a' }, { name: 'a' }] }],
    [{ policies: [{ name: 'a', share: 1 }] }],
    [{ rates: 1 }],
  ])('%j is refused, with what was expected', (wrong) => {
    expect(() => resolveConfiguration({ sampling: wrong as never }, {})).toThrow('in the order');
  });
});

describe('externalLinks', () => {
  const jaeger = {
    name: 'Jaeger',
    urlTemplate: 'http://jaeger:16686/trace/{traceId}?uiFind={spanId}',
  };

  test('in code and in the environment', () => {
    expect(resolveConfiguration({ externalLinks: [jaeger] }, {}).values.externalLinks).toEqual([
      jaeger,
    ]);
    const { values } = resolveConfiguration(
      {},
      { EVOLUTION_EXTERNAL_LINKS: `Jaeger=${jaeger.urlTemplate} Mine=https://x.test/?a={service}` },
    );
    expect(values.externalLinks).toEqual([
      jaeger,
      { name: 'Mine', urlTemplate: 'https://x.test/?a={service}' },
    ]);
  });

  test.each([
    'javascript:alert(1)',
    'http://{traceId}.test/',
    'http://x.test/{traceid}',
    'data:text/html,{traceId}',
    'http://',
  ])('%s is refused', (urlTemplate) => {
    const links = [{ name: 'Bad', urlTemplate }];
    expect(() => resolveConfiguration({ externalLinks: links }, {})).toThrow('urlTemplate');
  });
});
