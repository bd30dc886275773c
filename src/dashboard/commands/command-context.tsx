import type { ReactNode } from 'react';
import {
  createContext,
  useContext,
  useEffect,
  useRef,
  useState,
  useSyncExternalStore,
} from 'react';
import type { Command, CommandId } from './command-table';
import { commands } from './command-table';
import { keyOf, press } from './key-sequence';

type Handler = () => void;

/** Which commands can run now: pages sign in what they can do, and out when they go. */
class CommandStore {
  readonly #handlers = new Map<string, Handler[]>();
  readonly #listeners = new Set<() => void>();
  #available: ReadonlySet<string> = new Set();

  add(id: string, handler: Handler): () => void {
    this.#handlers.set(id, [...(this.#handlers.get(id) ?? []), handler]);
    this.#changed();
    return () => {
      const rest = (this.#handlers.get(id) ?? []).filter((other) => other !== handler);
      if (rest.length === 0) this.#handlers.delete(id);
      else this.#handlers.set(id, rest);
      this.#changed();
    };
  }

  /** Runs what was signed in last; false where nobody can. */
  run(id: string): boolean {
    const handler = this.#handlers.get(id)?.at(-1);
    handler?.();
    return handler !== undefined;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly available = (): ReadonlySet<string> => this.#available;

  #changed(): void {
    this.#available = new Set(this.#handlers.keys());
    for (const listener of this.#listeners) listener();
  }
}

const Context = createContext<CommandStore | null>(null);

export function CommandProvider({ children }: { readonly children: ReactNode }) {
  const [store] = useState(() => new CommandStore());
  useEffect(() => listenToKeys(store), [store]);
  return <Context value={store}>{children}</Context>;
}

export function useCommandStore(): CommandStore {
  const store = useContext(Context);
  if (store === null) throw new Error('There is no CommandProvider above.');
  return store;
}

export function useAvailableCommands(): readonly Command[] {
  const store = useCommandStore();
  const available = useSyncExternalStore(store.subscribe, store.available);
  return commands.filter(({ id }) => available.has(id));
}

/** The command does this while the component is there. */
export function useCommand(id: CommandId, handler: Handler): void {
  useCommands({ [id]: handler });
}

export function useCommands(handlers: Partial<Record<CommandId, Handler>>): void {
  const store = useCommandStore();
  const latest = useRef(handlers);
  useEffect(() => {
    latest.current = handlers;
  });
  const ids = Object.keys(handlers).join('\n');
  useEffect(() => {
    const removals = ids.split('\n').map((id) => store.add(id, () => latest.current[id]?.()));
    return () => removals.forEach((remove) => remove());
  }, [store, ids]);
}

function listenToKeys(store: CommandStore): () => void {
  let pending = '';
  let timer = 0;
  const onKeyDown = (event: KeyboardEvent): void => {
    const key = keyOf(event);
    if (key === null || event.defaultPrevented || isForField(event, key)) return;
    const pressed = press(commands, pending, key);
    pending = pressed.pending;
    window.clearTimeout(timer);
    timer = window.setTimeout(() => (pending = ''), 1200);
    if (pressed.matches.some(({ id }) => store.run(id))) event.preventDefault();
  };
  window.addEventListener('keydown', onKeyDown);
  return () => window.removeEventListener('keydown', onKeyDown);
}

const fields =
  'input, textarea, select, [contenteditable], [role=dialog] *, [role=menu] *, [role=listbox] *';
const ownKeys = 'button, a, [role=tab], [role=radio], [role=switch], [role=slider]';

/** Typing, and what a focused control does with its keys, is not for us. */
function isForField(event: KeyboardEvent, key: string): boolean {
  const target = event.target instanceof Element ? event.target : null;
  if (target === null || key.startsWith('mod+')) return false;
  if (target.closest(fields) !== null)
    return key !== 'Escape' || target.closest('[role=dialog]') !== null;
  return (
    target.closest(ownKeys) !== null && (key === 'Enter' || key === ' ' || key.startsWith('Arrow'))
  );
}
