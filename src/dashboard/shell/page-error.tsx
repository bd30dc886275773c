import { Button } from '@mantine/core';
import type { ErrorComponentProps } from '@tanstack/react-router';
import { useEffect } from 'react';
import { Message } from '../ui/message';
import { NoCodeError } from './lazy-page';

/** A page that broke is a mistake of ours; one whose code could not be read comes back with the server. */
export function PageError({ error }: ErrorComponentProps) {
  if (error instanceof NoCodeError) return <NoCode />;
  return (
    <Message
      page
      tone="bad"
      title="This page broke"
      detail={error instanceof Error ? error.message : String(error)}
    >
      <Button onClick={() => window.location.reload()}>Load it again</Button>
    </Message>
  );
}

function NoCode() {
  useEffect(() => {
    const timer = window.setInterval(() => {
      void fetch('/healthz').then(
        ({ ok }) => ok && window.location.reload(),
        // Still away.
        () => undefined,
      );
    }, 2_000);
    return () => window.clearInterval(timer);
  }, []);
  return (
    <Message
      page
      tone="away"
      title="The server does not answer"
      detail="The code of this page could not be read. It comes back by itself."
    />
  );
}
