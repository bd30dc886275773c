import { ActionIcon, Button, CopyButton, Tooltip } from '@mantine/core';
import { useClipboard } from '@mantine/hooks';
import { IconCheck, IconCopy } from '@tabler/icons-react';

interface CopyProps {
  readonly value: string;
  /** What is copied, e.g. `trace id`. */
  readonly what: string;
}

export function CopyIcon({ value, what }: CopyProps) {
  return (
    <CopyButton value={value}>
      {({ copied, copy }) => (
        <Tooltip label={copied ? 'Copied' : `Copy ${what}`}>
          <ActionIcon
            variant="subtle"
            color="gray"
            size="sm"
            aria-label={copied ? `${what}: copied` : `Copy ${what}`}
            onClick={copy}
          >
            {copied ? <IconCheck size={14} /> : <IconCopy size={14} />}
          </ActionIcon>
        </Tooltip>
      )}
    </CopyButton>
  );
}

export function CopyText({ value, what }: CopyProps) {
  return <CopyOnClick read={() => value} what={what} />;
}

/** The address as it is when somebody copies it. */
export function CopyLink() {
  return <CopyOnClick read={() => window.location.href} what="Link" />;
}

function CopyOnClick({ read, what }: { readonly read: () => string; readonly what: string }) {
  const { copied, copy } = useClipboard({ timeout: 1000 });
  return (
    <Button
      variant="default"
      size="compact-sm"
      leftSection={copied ? <IconCheck size={14} /> : <IconCopy size={14} />}
      onClick={() => copy(read())}
    >
      {copied ? 'Copied' : what}
    </Button>
  );
}
