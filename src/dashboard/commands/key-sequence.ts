import type { Command } from './command-table';

/** What was pressed, as the command table writes it; `null` for a key that only changes others. */
export function keyOf(event: {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
}): string | null {
  if (event.altKey || ['Shift', 'Control', 'Meta', 'Alt', 'AltGraph'].includes(event.key))
    return null;
  return event.ctrlKey || event.metaKey ? `mod+${event.key.toLowerCase()}` : event.key;
}

export interface Pressed {
  /** In the table's order; the first that can run here is meant. */
  readonly matches: readonly Command[];
  /** Keys that begin a longer sequence; empty when nothing is awaited. */
  readonly pending: string;
}

/** One more key. A key that does not go on with what was begun begins anew. */
export function press(table: readonly Command[], pending: string, key: string): Pressed {
  const typed = pending === '' ? key : `${pending} ${key}`;
  const matches = table.filter(({ keys }) => keys.includes(typed));
  if (matches.length > 0) return { matches, pending: '' };
  if (table.some(({ keys }) => keys.some((k) => k.startsWith(`${typed} `)))) {
    return { matches, pending: typed };
  }
  return pending === '' ? { matches, pending: '' } : press(table, '', key);
}

/** `mod+k` as people see it on their keyboard. */
export function keyLabel(key: string, mac: boolean): string {
  const names: Readonly<Record<string, string>> = {
    mod: mac ? '⌘' : 'Ctrl',
    ArrowUp: '↑',
    ArrowDown: '↓',
    ArrowLeft: '←',
    ArrowRight: '→',
    Escape: 'Esc',
  };
  return key
    .split(/(?<=.)\+(?=.)/)
    .map((part) => names[part] ?? part)
    .join(' ');
}
