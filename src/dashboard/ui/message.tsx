import { Stack, Text, Title } from '@mantine/core';
import { IconAlertTriangle, IconInbox, IconPlugConnectedX } from '@tabler/icons-react';
import type { ReactNode } from 'react';

interface MessageProps {
  readonly title: string;
  readonly detail?: string | null;
  readonly tone?: 'plain' | 'bad' | 'away';
  /** It is all that the page shows. */
  readonly page?: boolean;
  readonly children?: ReactNode;
}

const icons = { plain: IconInbox, bad: IconAlertTriangle, away: IconPlugConnectedX };

/** In place of what cannot be shown: what happened, and what to do. */
export function Message({ title, detail, tone = 'plain', page = false, children }: MessageProps) {
  const MessageIcon = icons[tone];
  return (
    <Stack align="center" gap="xs" py={64} px="md" role={tone === 'plain' ? undefined : 'alert'}>
      <MessageIcon
        size={36}
        stroke={1.4}
        color={tone === 'plain' ? 'var(--text-quiet)' : 'var(--bad)'}
        aria-hidden
      />
      <Title order={page ? 1 : 2} size="h4" ta="center">
        {title}
      </Title>
      {detail && (
        <Text c="dimmed" size="sm" maw={560} ta="center" className="untrusted">
          {detail}
        </Text>
      )}
      {children}
    </Stack>
  );
}
