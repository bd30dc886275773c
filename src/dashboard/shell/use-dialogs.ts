import { useEffect, useState } from 'react';
import type { Dialogs } from './dialogs';

const againMillis = 2_000;

/** What opens over a page, once it is wanted and its code is there; while the server is away the page goes on without. */
export function useDialogs(wanted: boolean): typeof Dialogs | null {
  const [component, setComponent] = useState<typeof Dialogs | null>(null);
  useEffect(() => {
    if (!wanted) return;
    let timer = 0;
    const load = (): void => {
      void import('./dialogs').then(
        (module) => setComponent(() => module.Dialogs),
        () => (timer = window.setTimeout(load, againMillis)),
      );
    };
    load();
    return () => window.clearTimeout(timer);
  }, [wanted]);
  return component;
}
