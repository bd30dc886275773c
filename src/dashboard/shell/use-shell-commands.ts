import { useMantineColorScheme } from '@mantine/core';
import { useRouter } from '@tanstack/react-router';
import { useCommands } from '../commands/command-context';
import type { CommandId } from '../commands/command-table';
import { pages } from '../commands/command-table';
import { useTimeZone } from '../preferences';
import { palette } from './palette-state';

type Scheme = ReturnType<typeof useMantineColorScheme>['colorScheme'];

export function nextScheme(scheme: Scheme): Scheme {
  return scheme === 'auto' ? 'light' : scheme === 'light' ? 'dark' : 'auto';
}

/** What every page can. */
export function useShellCommands(toggleHelp: () => void, copyLink: () => void): void {
  const router = useRouter();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const [zone, setZone] = useTimeZone();
  const go = pages.map(({ path }) => [`go ${path}`, () => void router.navigate({ to: path })]);
  useCommands({
    ...(Object.fromEntries(go) as Partial<Record<CommandId, () => void>>),
    palette: palette.toggle,
    help: toggleHelp,
    theme: () => setColorScheme(nextScheme(colorScheme)),
    zone: () => setZone(zone === 'utc' ? 'local' : 'utc'),
    'copy link': copyLink,
    search: () => document.querySelector<HTMLInputElement>('[data-page-search]')?.focus(),
  });
}
