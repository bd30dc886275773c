import { commands, pages } from '../../src/dashboard/commands/command-table';
import { keyLabel, keyOf, press } from '../../src/dashboard/commands/key-sequence';

const plain = { ctrlKey: false, metaKey: false, altKey: false };

test('a key is named as the table writes it', () => {
  expect(keyOf({ ...plain, key: 'N' })).toBe('N');
  expect(keyOf({ ...plain, key: 'K', ctrlKey: true })).toBe('mod+k');
  expect(keyOf({ ...plain, key: 'k', metaKey: true })).toBe('mod+k');
  expect(keyOf({ ...plain, key: 'j', altKey: true })).toBeNull();
  expect(keyOf({ ...plain, key: 'Shift' })).toBeNull();
});

test('sequences: g waits for the next key, and a wrong one begins anew', () => {
  expect(press(commands, '', 'g')).toEqual({ matches: [], pending: 'g' });
  expect(press(commands, 'g', 'r')).toMatchObject({ matches: [{ id: 'go /traces' }], pending: '' });
  expect(press(commands, 'g', '?')).toMatchObject({ matches: [{ id: 'help' }], pending: '' });
  expect(press(commands, '', 'ß')).toEqual({ matches: [], pending: '' });
});

test('no two commands of a scope share a key, nor does one with those that are everywhere', () => {
  const taken = new Map<string, string>();
  const clashes: string[] = [];
  for (const { id, scope, keys } of commands) {
    for (const key of keys) {
      for (const place of scope === 'everywhere' ? ['everywhere', 'list', 'trace'] : [scope]) {
        const other = taken.get(`${place} ${key}`);
        if (other !== undefined) clashes.push(`${key}: ${id} and ${other}`);
        taken.set(`${place} ${key}`, id);
      }
    }
  }
  expect(clashes).toEqual([]);
});

test('no key is the beginning of a sequence', () => {
  const keys = commands.flatMap((command): readonly string[] => command.keys);
  const beginnings = keys.filter((key) => key.includes(' ')).map((key) => key.split(' ')[0]);
  expect(keys.filter((key) => beginnings.includes(key))).toEqual([]);
});

test('every command has a title, a key and an id of its own', () => {
  expect(new Set(commands.map(({ id }) => id)).size).toBe(commands.length);
  expect(commands.every(({ title, keys }) => title !== '' && keys.length > 0)).toBe(true);
  expect(pages.every(({ path }) => commands.some(({ id }) => id === `go ${path}`))).toBe(true);
});

test('labels', () => {
  expect(keyLabel('mod+k', true)).toBe('⌘ k');
  expect(keyLabel('mod+k', false)).toBe('Ctrl k');
  expect(keyLabel('+', false)).toBe('+');
  expect(keyLabel('ArrowDown', false)).toBe('↓');
});
