import { ActionIcon, Burger, Group, Kbd, Tooltip, useMantineColorScheme } from '@mantine/core';
import {
  IconClock,
  IconDeviceDesktop,
  IconKeyboard,
  IconMoon,
  IconSearch,
  IconSun,
} from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { keyLabel } from '../commands/key-sequence';
import { useTimeZone } from '../preferences';
import { ConnectionBadge } from './connection-badge';
import { isMac } from './is-mac';
import { palette } from './palette-state';
import classes from './shell.module.css';
import { nextScheme } from './use-shell-commands';

interface HeaderProps {
  readonly menuOpen: boolean;
  readonly onMenu: () => void;
  readonly onHelp: () => void;
}

export function Header({ menuOpen, onMenu, onHelp }: HeaderProps) {
  return (
    <Group h="100%" px="sm" gap="sm" wrap="nowrap" justify="space-between">
      <Group gap="sm" wrap="nowrap">
        <Burger
          opened={menuOpen}
          onClick={onMenu}
          hiddenFrom="sm"
          size="sm"
          aria-label={menuOpen ? 'Close the menu' : 'Open the menu'}
        />
        <Link to="/" className={classes.brand}>
          <img src="/favicon.svg" alt="" width={24} height={24} />
          otel-evolution
        </Link>
      </Group>
      <button
        type="button"
        className={`${classes.paletteButton} mantine-visible-from-sm`}
        onClick={palette.open}
      >
        <IconSearch size={15} aria-hidden />
        <span style={{ flex: 1, textAlign: 'left' }}>Find a command</span>
        <Kbd size="xs">{keyLabel('mod+k', isMac)}</Kbd>
      </button>
      <Group gap={6} wrap="nowrap">
        <ConnectionBadge />
        <ZoneButton />
        <ThemeButton />
        <Tooltip label="Shortcuts">
          <ActionIcon variant="subtle" color="gray" aria-label="Shortcuts" onClick={onHelp}>
            <IconKeyboard size={18} />
          </ActionIcon>
        </Tooltip>
      </Group>
    </Group>
  );
}

function ZoneButton() {
  const [zone, setZone] = useTimeZone();
  const label = zone === 'utc' ? 'Times in UTC; show local time' : 'Local times; show UTC';
  return (
    <Tooltip label={label}>
      <ActionIcon
        variant="subtle"
        color="gray"
        aria-label={label}
        w={zone === 'utc' ? 52 : undefined}
        onClick={() => setZone(zone === 'utc' ? 'local' : 'utc')}
      >
        <IconClock size={18} />
        {zone === 'utc' && <span style={{ fontSize: 11, marginLeft: 3 }}>UTC</span>}
      </ActionIcon>
    </Tooltip>
  );
}

function ThemeButton() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const icons = { light: IconSun, dark: IconMoon, auto: IconDeviceDesktop };
  const names = { light: 'Light', dark: 'Dark', auto: 'System' };
  const SchemeIcon = icons[colorScheme];
  const next = nextScheme(colorScheme);
  const label = `${names[colorScheme]} theme; change to ${names[next].toLowerCase()}`;
  return (
    <Tooltip label={label}>
      <ActionIcon
        variant="subtle"
        color="gray"
        aria-label={label}
        onClick={() => setColorScheme(next)}
      >
        <SchemeIcon size={18} />
      </ActionIcon>
    </Tooltip>
  );
}
