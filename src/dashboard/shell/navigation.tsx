import { AppShell, Text } from '@mantine/core';
import type { Icon } from '@tabler/icons-react';
import {
  IconAdjustments,
  IconArrowsDiff,
  IconBulb,
  IconChartLine,
  IconColumns2,
  IconFlask,
  IconHeartbeat,
  IconHome,
  IconListDetails,
  IconTimeline,
} from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { pages } from '../commands/command-table';
import classes from './shell.module.css';

const icons: Readonly<Record<(typeof pages)[number]['path'], Icon>> = {
  '/': IconHome,
  '/tasks': IconListDetails,
  '/traces': IconTimeline,
  '/findings': IconBulb,
  '/differences': IconArrowsDiff,
  '/compare': IconColumns2,
  '/series': IconChartLine,
  '/adaptations': IconAdjustments,
  '/experiments': IconFlask,
  '/health': IconHeartbeat,
};

export function Navigation({ onNavigate }: { readonly onNavigate: () => void }) {
  return (
    <>
      <nav aria-label="Pages">
        {pages.map(({ path, title }) => {
          const PageIcon = icons[path];
          return (
            <Link
              key={path}
              to={path}
              className={classes.link}
              activeOptions={{ includeSearch: false, exact: path === '/' }}
              onClick={onNavigate}
            >
              <PageIcon size={18} stroke={1.7} aria-hidden />
              {title}
            </Link>
          );
        })}
      </nav>
      <AppShell.Section>
        <Text size="xs" c="dimmed" px={10}>
          Keys: press <kbd>?</kbd>
        </Text>
      </AppShell.Section>
    </>
  );
}
