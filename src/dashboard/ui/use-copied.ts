import { useEffect, useRef, useState } from 'react';
import { copyText } from './copy-text';

const saidMillis = 1_500;

/** Copies, and says for a moment whether that went well. */
export function useCopied() {
  const [state, setState] = useState<'copied' | 'failed' | null>(null);
  const timer = useRef(0);
  useEffect(() => () => window.clearTimeout(timer.current), []);
  const copy = (text: string): void => {
    void copyText(text)
      .then(
        () => setState('copied'),
        () => setState('failed'),
      )
      .then(() => {
        window.clearTimeout(timer.current);
        timer.current = window.setTimeout(() => setState(null), saidMillis);
      });
  };
  return { state, copy };
}
