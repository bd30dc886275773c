/** Where a command does something; `everywhere` on every page. */
export type CommandScope = 'everywhere' | 'list' | 'trace';

export interface Command {
  readonly id: string;
  readonly title: string;
  readonly scope: CommandScope;
  /**
   * Keys as the browser names them, e.g. `j`, `Enter`, `mod+k` (Ctrl, or ⌘ on a Mac); one after the other
   * with a space: `g t`.
   */
  readonly keys: readonly string[];
}

export interface PageEntry {
  readonly path: string;
  readonly title: string;
  /** Pressed after `g`. */
  readonly key: string;
}

/** The pages of the navigation, in its order. */
export const pages = [
  { path: '/', title: 'Home', key: 'h' },
  { path: '/tasks', title: 'Tasks', key: 't' },
  { path: '/traces', title: 'Traces', key: 'r' },
  { path: '/findings', title: 'Findings', key: 'f' },
  { path: '/differences', title: 'Differences', key: 'i' },
  { path: '/compare', title: 'Compare', key: 'c' },
  { path: '/series', title: 'Metrics', key: 'm' },
  { path: '/adaptations', title: 'Adaptations', key: 'a' },
  { path: '/experiments', title: 'Experiments', key: 'e' },
  { path: '/health', title: 'Health', key: 's' },
] as const satisfies readonly PageEntry[];

/** Every command there is: shortcuts, the palette and the help are made from this table alone. */
export const commands = [
  ...pages.map(({ path, title, key }) => ({
    id: `go ${path}`,
    title: `Go to ${title}`,
    scope: 'everywhere' as const,
    keys: [`g ${key}`],
  })),
  { id: 'palette', title: 'Find a command', scope: 'everywhere', keys: ['mod+k'] },
  { id: 'help', title: 'Show all shortcuts', scope: 'everywhere', keys: ['?'] },
  { id: 'search', title: 'Search on this page', scope: 'everywhere', keys: ['/'] },
  { id: 'live', title: 'Pause or resume live updates', scope: 'everywhere', keys: ['.'] },
  { id: 'theme', title: 'Light, dark or system theme', scope: 'everywhere', keys: ['g d'] },
  { id: 'zone', title: 'Local time or UTC', scope: 'everywhere', keys: ['g z'] },
  { id: 'copy link', title: 'Copy a link to this view', scope: 'everywhere', keys: ['y'] },
  { id: 'list.next', title: 'Next row', scope: 'list', keys: ['j', 'ArrowDown'] },
  { id: 'list.previous', title: 'Previous row', scope: 'list', keys: ['k', 'ArrowUp'] },
  { id: 'list.open', title: 'Open the row', scope: 'list', keys: ['Enter'] },
  { id: 'trace.next', title: 'Next span', scope: 'trace', keys: ['j', 'ArrowDown'] },
  { id: 'trace.previous', title: 'Previous span', scope: 'trace', keys: ['k', 'ArrowUp'] },
  { id: 'trace.first', title: 'First span', scope: 'trace', keys: ['Home'] },
  { id: 'trace.last', title: 'Last span', scope: 'trace', keys: ['End'] },
  {
    id: 'trace.expand',
    title: 'Expand, or to the first child',
    scope: 'trace',
    keys: ['ArrowRight'],
  },
  {
    id: 'trace.collapse',
    title: 'Collapse, or to the parent',
    scope: 'trace',
    keys: ['ArrowLeft'],
  },
  { id: 'trace.expand all', title: 'Expand everything', scope: 'trace', keys: ['['] },
  { id: 'trace.collapse all', title: 'Collapse everything', scope: 'trace', keys: [']'] },
  { id: 'trace.next match', title: 'Next match', scope: 'trace', keys: ['n'] },
  { id: 'trace.previous match', title: 'Previous match', scope: 'trace', keys: ['N'] },
  { id: 'trace.next error', title: 'Next error', scope: 'trace', keys: ['e'] },
  { id: 'trace.focus', title: 'Focus on the subtree, or leave it', scope: 'trace', keys: ['f'] },
  { id: 'trace.zoom', title: 'Zoom to the span', scope: 'trace', keys: ['z'] },
  { id: 'trace.zoom in', title: 'Zoom in', scope: 'trace', keys: ['+', 'w'] },
  { id: 'trace.zoom out', title: 'Zoom out', scope: 'trace', keys: ['-', 's'] },
  { id: 'trace.pan left', title: 'Earlier', scope: 'trace', keys: ['a'] },
  { id: 'trace.pan right', title: 'Later', scope: 'trace', keys: ['d'] },
  { id: 'trace.whole', title: 'The whole time', scope: 'trace', keys: ['0'] },
  { id: 'trace.waterfall', title: 'Waterfall', scope: 'trace', keys: ['1'] },
  { id: 'trace.flame', title: 'Flame by time', scope: 'trace', keys: ['2'] },
  { id: 'trace.aggregated', title: 'Flame aggregated', scope: 'trace', keys: ['3'] },
  { id: 'trace.critical', title: 'Show the critical path', scope: 'trace', keys: ['c'] },
  { id: 'trace.idle', title: 'Fold idle time', scope: 'trace', keys: ['i'] },
  { id: 'trace.repeats', title: 'Fold repeated spans', scope: 'trace', keys: ['r'] },
  {
    id: 'trace.close',
    title: 'Close the panel, or end the search',
    scope: 'trace',
    keys: ['Escape'],
  },
] as const satisfies readonly Command[];

export type CommandId = (typeof commands)[number]['id'];
