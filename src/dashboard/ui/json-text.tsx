import { Code, Group } from '@mantine/core';
import { useMemo } from 'react';
import { formatBytes } from '../format/format';
import { CopyIcon } from './copy';
import { LongText } from './long-text';

/** Any value as indented JSON: a text, whatever is in it. */
export function JsonText({ value }: { readonly value: unknown }) {
  const text = useMemo(() => JSON.stringify(value, null, 2), [value]);
  return (
    <>
      <Group justify="space-between" mb={4}>
        <span>{formatBytes(text.length)}</span>
        <CopyIcon value={text} what="JSON" />
      </Group>
      <Code block fz={12}>
        <LongText text={text} />
      </Code>
    </>
  );
}
