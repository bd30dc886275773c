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

test('a far-off name lists what is known', () => {
  expect(didYouMean('zzzzzz', ['port', 'host'])).toBe(' Known: port, host.');
});
