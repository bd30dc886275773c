import { inspect } from 'node:util';
import { EvolutionSpanProcessor } from '../src';
import { ConfigError } from '../src/errors';
import { withoutCredentials } from '../src/without-credentials';

test.each([
  ['postgres://user:hunter2@host:5432/name', 'postgres://user:[masked]@host:5432/name'],
  ['postgress://user:hunter2@host', 'postgress://user:[masked]@host'],
  ['postgres://user:hun@ter2@host/name?x=1', 'postgres://user:[masked]@host/name?x=1'],
  ['postgres://user:hunter2/with/slashes@host', 'postgres://user:[masked]@host'],
  ['postgres:user:hunter2@host', 'postgres:user:[masked]@host'],
  [
    'postgres://host/name?user=u&password=hunter2&x=1',
    'postgres://host/name?user=u&password=[masked]&x=1',
  ],
  [
    "error: unknown option '--dburl=postgres://u:hunter2@h/n'",
    "error: unknown option '--dburl=postgres://u:[masked]@h/n'",
  ],
  ["host=db password='hunter2 x' dbname=y", 'host=db password=[masked] dbname=y'],
  ['sqlite:./evolution.db', 'sqlite:./evolution.db'],
  ['12:30:45 error: a@b is no user', '12:30:45 error: a@b is no user'],
  ['postgres://user@host/name', 'postgres://user@host/name'],
])('%s', (text, shown) => {
  expect(withoutCredentials(text)).toBe(shown);
});

test('no error of ours holds a password, however it is printed', () => {
  const error = new ConfigError('got postgres://u:hunter2@h', {
    hint: 'not postgres://u:hunter2@h',
  });
  expect(inspect(error)).not.toContain('hunter2');
  expect(error.hint).not.toContain('hunter2');
});

test('a processor with a mistyped URL names it without its password', () => {
  const made = (): unknown =>
    new EvolutionSpanProcessor({ databaseUrl: 'postgress://user:hunter2@host/name' });
  expect(made).toThrow(ConfigError);
  expect(made).toThrow('one with postgress:');
  expect(made).not.toThrow('hunter2');
});

test('a long text costs no more than its length', () => {
  const hostile = ['a:', 'a://b:', 'a', 'password='].map((part) => part.repeat(200_000));
  const started = performance.now();
  hostile.forEach(withoutCredentials);
  expect(performance.now() - started).toBeLessThan(5_000);
});
