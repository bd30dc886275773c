import type { ReactNode } from 'react';
import { useState } from 'react';

interface OnDemandProps {
  readonly title: ReactNode;
  readonly className?: string | undefined;
  readonly children: () => ReactNode;
}

/** A part that is closed at first, and only made when somebody opens it: a table of thousands costs nothing until then. */
export function OnDemand({ title, className, children }: OnDemandProps) {
  const [open, setOpen] = useState(false);
  return (
    <details className={className} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{title}</summary>
      {open && children()}
    </details>
  );
}
