import { Group, Kbd, Text } from '@mantine/core';
import { Spotlight } from '@mantine/spotlight';
import { IconSearch } from '@tabler/icons-react';
import { useRouter } from '@tanstack/react-router';
import { useState } from 'react';
import { useAvailableCommands, useCommandStore } from '../commands/command-context';
import { keyLabel } from '../commands/key-sequence';
import { isMac } from './is-mac';
import { paletteStore } from './palette-state';

/** What can be done here, and any trace by its id. */
export function Palette() {
  const [query, setQuery] = useState('');
  const store = useCommandStore();
  const router = useRouter();
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const commands = useAvailableCommands().filter(
    ({ id, title }) =>
      id !== 'palette' && words.every((word) => title.toLowerCase().includes(word)),
  );
  const traceId = /^[0-9a-f]{32}$/.exec(query.trim().toLowerCase())?.[0];
  return (
    <Spotlight.Root
      store={paletteStore}
      query={query}
      onQueryChange={setQuery}
      shortcut={null}
      scrollable
      maxHeight={420}
    >
      <Spotlight.Search
        placeholder="A command, or a trace id"
        leftSection={<IconSearch size={18} aria-hidden />}
        aria-label="Find a command"
      />
      <Spotlight.ActionsList>
        {traceId !== undefined && (
          <Spotlight.Action
            label={`Open trace ${traceId}`}
            onClick={() => void router.navigate({ to: '/traces/$traceId', params: { traceId } })}
          />
        )}
        {commands.map(({ id, title, keys }) => (
          <Spotlight.Action key={id} onClick={() => store.run(id)}>
            <Group justify="space-between" w="100%" wrap="nowrap">
              <Text size="sm">{title}</Text>
              <Keys keys={keys.slice(0, 1)} />
            </Group>
          </Spotlight.Action>
        ))}
        {commands.length === 0 && traceId === undefined && (
          <Spotlight.Empty>No command is called so.</Spotlight.Empty>
        )}
      </Spotlight.ActionsList>
    </Spotlight.Root>
  );
}

export function Keys({ keys }: { readonly keys: readonly string[] }) {
  return (
    <Group gap={6} wrap="nowrap">
      {keys.map((key) => (
        <span key={key}>
          {key.split(' ').map((part, position) => (
            <Kbd key={part} size="xs" ml={position === 0 ? 0 : 4}>
              {keyLabel(part, isMac)}
            </Kbd>
          ))}
        </span>
      ))}
    </Group>
  );
}
