import { Button } from '@mantine/core';
import type { ErrorComponentProps } from '@tanstack/react-router';
import { Message } from '../ui/message';

/** A page that broke is a mistake of ours, or the server was updated while the page was open. */
export function PageError({ error }: ErrorComponentProps) {
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
