import { Button } from '@mantine/core';
import { useState } from 'react';
import { formatBytes } from '../format/format';

const preview = 4000;

/** A text of any size: its beginning, and the rest when it is asked for. */
export function LongText({ text }: { readonly text: string }) {
  const [shown, show] = useState(preview);
  if (text.length <= shown) return <span className="untrusted">{text}</span>;
  return (
    <>
      <span className="untrusted">{text.slice(0, shown)}…</span>
      <Button
        variant="default"
        size="compact-xs"
        display="block"
        mt={6}
        onClick={() => show(shown * 16)}
      >
        Show more of {formatBytes(text.length)}
      </Button>
    </>
  );
}
