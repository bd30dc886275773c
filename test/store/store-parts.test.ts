import { ConfigError, StoreUnavailableError } from '../../src/errors';
import { toStoreError } from '../../src/store/database/database-errors';
import { parseDatabaseUrl } from '../../src/database-url';
import { attributeText } from '../../src/model/attributes';
import { parseExactly, stringifyExactly } from '../../src/store/schema/json-values';
import { loadDriver } from '../../src/store/database/load-driver';
import { resolveStoreOptions } from '../../src/store/store-options';
import { isLike } from '../../src/store/read/tag-match';
import { compareVersions } from '../../src/store/ingest/span-version';

describe('parseDatabaseUrl', () => {
  it('reads the accepted forms', () => {
    expect(parseDatabaseUrl('sqlite:./x.db')).toEqual({
      dialect: 'sqlite',
      file: './x.db',
      inMemory: false,
    });
    expect(parseDatabaseUrl('sqlite:///abs/x.db')).toMatchObject({ file: '/abs/x.db' });
    expect(parseDatabaseUrl('sqlite::memory:')).toMatchObject({ inMemory: true });
    expect(parseDatabaseUrl('postgresql://u:p@h/d')).toEqual({
      dialect: 'postgres',
      url: 'postgresql://u:p@h/d',
      urlWithoutPassword: 'postgresql://u@h/d',
      place: 'h  /d',
      schema: null,
    });
    expect(parseDatabaseUrl('postgres://u@h/d?sslmode=require&schema=a_1')).toMatchObject({
      dialect: 'postgres',
      url: 'postgres://u@h/d?sslmode=require',
      schema: 'a_1',
    });
  });

  it.each([
    'sqlite:',
    'sqlite://x.db',
    'sqlite:a\0b',
    './x.db',
    'mysql://root:secret@h/d',
    'postgres://[',
    'postgres://h/d?schema=a"b',
  ])('refuses %j with the accepted forms and without the password', (url) => {
    expect(() => parseDatabaseUrl(url)).toThrow(ConfigError);
    expect(() => parseDatabaseUrl(url)).toThrow(
      expect.objectContaining({
        hint: expect.stringContaining('sqlite:./file.db') as string,
        message: expect.not.stringContaining('secret') as string,
      }) as Error,
    );
  });
});

it('names the command that brings a driver which is missing', async () => {
  await expect(
    loadDriver({ module: 'mysql2', command: 'npm install mysql2' }),
  ).rejects.toMatchObject({ code: 'driver_missing', hint: 'Run: npm install mysql2' });
});

describe('toStoreError', () => {
  it.each([
    [{ code: 'SQLITE_FULL' }, 'database_full'],
    [{ code: '53100' }, 'database_full'],
    [{ code: 'SQLITE_BUSY' }, 'database_unavailable'],
    [{ code: 'ECONNREFUSED' }, 'database_unavailable'],
    [{ code: '57P01' }, 'database_unavailable'],
    [new Error('Connection terminated unexpectedly'), 'database_unavailable'],
  ])('gives %j the code %s', (error, code) => {
    expect(toStoreError(error)).toBeInstanceOf(StoreUnavailableError);
    expect(toStoreError(error)).toMatchObject({ code, cause: error });
  });

  it.each([
    [{ code: '28P01' }, 'password'],
    [{ code: '3D000' }, 'no database of this name'],
    [{ code: '42501' }, 'permission'],
    [{ code: 'SELF_SIGNED_CERT_IN_CHAIN' }, 'encrypted'],
    [new Error('The server does not support SSL connections'), 'encrypted'],
    [{ code: 'ENOTFOUND' }, 'host'],
    [{ code: 'SQLITE_READONLY' }, 'may not be written'],
  ])('names the cause of %j, and never says that it will pass', (error, cause) => {
    const told = toStoreError(error) as StoreUnavailableError;
    expect(told).toMatchObject({ code: 'database_unavailable', cause: error });
    expect(told.message).toContain(cause);
    expect(told.hint).not.toMatch(/again in/);
  });

  it('hands on what it does not know', () => {
    const unknown = new Error('bug');
    expect(toStoreError(unknown)).toBe(unknown);
    expect(toStoreError('text').message).toBe('text');
  });
});

describe('tags that are like others', () => {
  it('does not mind case, takes parts of a tag and two edits', () => {
    expect(isLike('Production', 'prod')).toBe(true);
    expect(isLike('production', 'porduction')).toBe(true);
    expect(isLike('staging', 'production')).toBe(false);
    expect(isLike('stagers', 'staging')).toBe(false);
    expect(isLike('stage', 'staging')).toBe(false);
  });
});

it('writes and reads numbers that JSON has not', () => {
  const value = { big: 2n ** 63n, infinite: [Infinity, -Infinity, NaN], plain: [1, null, 'x'] };
  expect(parseExactly(stringifyExactly(value))).toEqual(value);
});

it('has a text for every attribute', () => {
  expect(
    [
      'x',
      1,
      0.5,
      true,
      null,
      { int: '1' },
      { double: '-0' as const },
      { bytes: 'AA==' },
      [1],
      { map: {} },
    ].map(attributeText),
  ).toEqual(['x', '1', '0.5', 'true', 'null', '1', '-0', 'AA==', '[1]', '{"map":{}}']);
});

it('tells two versions of a span apart in one way', () => {
  const a = { endTimeUnixNano: 1n, hash: 'a' };
  const b = { endTimeUnixNano: 1n, hash: 'b' };
  const open = { endTimeUnixNano: null, hash: 'c' };
  expect(compareVersions(a, a)).toBe(0);
  expect(compareVersions(a, b)).toBe(-compareVersions(b, a));
  expect(compareVersions(a, open)).toBe(1);
  expect(compareVersions(open, b)).toBe(-1);
});

it('has a default for every option, and a wall clock', () => {
  const options = resolveStoreOptions({});
  const now = options.clock.nowUnixNano();
  expect(Math.abs(Number(now / 1_000_000n) - Date.now())).toBeLessThan(60_000);
  expect(options.newId()).not.toBe(options.newId());
  expect(options).toMatchObject({ successThreshold: 0.5, sourceOrder: ['human', 'code', 'llm'] });
});
