import { ActionIcon, Button, Tooltip } from '@mantine/core';
import { IconCheck, IconCopy, IconX } from '@tabler/icons-react';
import { useCopied } from './use-copied';

interface CopyProps {
  readonly value: string;
  /** What is copied, e.g. `trace id`. */
  readonly what: string;
}

const icons = { copied: IconCheck, failed: IconX };

export function CopyIcon({ value, what }: CopyProps) {
  const { state, copy } = useCopied();
  const StateIcon = state === null ? IconCopy : icons[state];
  return (
    <Tooltip label={state === null ? `Copy ${what}` : said[state]}>
      <ActionIcon
        variant="subtle"
        color="gray"
        size="sm"
        aria-label={state === null ? `Copy ${what}` : `${what}: ${said[state].toLowerCase()}`}
        onClick={() => copy(value)}
      >
        <StateIcon size={14} />
      </ActionIcon>
    </Tooltip>
  );
}

const said = { copied: 'Copied', failed: 'Not copied' };

export function CopyText({ value, what }: CopyProps) {
  return <CopyOnClick read={() => value} what={what} />;
}

/** The address as it is when somebody copies it. */
export function CopyLink() {
  return <CopyOnClick read={() => window.location.href} what="Link" />;
}

function CopyOnClick({ read, what }: { readonly read: () => string; readonly what: string }) {
  const { state, copy } = useCopied();
  const StateIcon = state === null ? IconCopy : icons[state];
  return (
    <Button
      variant="default"
      size="compact-sm"
      leftSection={<StateIcon size={14} />}
      onClick={() => copy(read())}
    >
      {state === null ? what : said[state]}
    </Button>
  );
}
