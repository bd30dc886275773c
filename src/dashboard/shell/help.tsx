import { Group, Modal, SimpleGrid, Text } from '@mantine/core';
import { useAvailableCommands } from '../commands/command-context';
import type { CommandScope } from '../commands/command-table';
import { Keys } from './palette';
import classes from './shell.module.css';

const titles: Readonly<Record<CommandScope, string>> = {
  trace: 'In a trace',
  list: 'In a list',
  everywhere: 'Everywhere',
};

/** Every shortcut that does something on this page, from the table of commands. */
export function Help({
  opened,
  onClose,
}: {
  readonly opened: boolean;
  readonly onClose: () => void;
}) {
  const commands = useAvailableCommands();
  const scopes = (Object.keys(titles) as CommandScope[]).filter((scope) =>
    commands.some((command) => command.scope === scope),
  );
  return (
    <Modal opened={opened} onClose={onClose} title="Shortcuts on this page" size="xl">
      {scopes.map((scope) => (
        <section key={scope}>
          <h3 className={classes.group}>{titles[scope]}</h3>
          <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="xl" verticalSpacing={6} mb="md">
            {commands
              .filter((command) => command.scope === scope)
              .map(({ id, title, keys }) => (
                <Group key={id} justify="space-between" wrap="nowrap">
                  <Text size="sm">{title}</Text>
                  <Keys keys={keys} />
                </Group>
              ))}
          </SimpleGrid>
        </section>
      ))}
    </Modal>
  );
}
