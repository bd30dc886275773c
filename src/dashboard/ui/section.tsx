import { Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';

interface SectionProps {
  readonly title: string;
  readonly note?: string | undefined;
  readonly children: ReactNode;
}

export function Section({ title, note, children }: SectionProps) {
  return (
    <section style={{ marginBottom: 28 }}>
      <Title order={2} size="h4" mb={note === undefined ? 8 : 2}>
        {title}
      </Title>
      {note !== undefined && (
        <Text size="sm" c="dimmed" mb={8} maw={820}>
          {note}
        </Text>
      )}
      {children}
    </section>
  );
}
