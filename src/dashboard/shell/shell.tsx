import { AppShell } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useSpotlight } from '@mantine/spotlight';
import { Outlet } from '@tanstack/react-router';
import { createElement } from 'react';
import { useCopied } from '../ui/use-copied';
import { Header } from './header';
import { Navigation } from './navigation';
import { paletteStore } from './palette-state';
import { useDialogs } from './use-dialogs';
import { useQuietTime } from './use-quiet-time';
import { useShellCommands } from './use-shell-commands';
import classes from './shell.module.css';

/** What is around every page. */
export function Shell() {
  const [menuOpen, menu] = useDisclosure(false);
  const [helpOpen, help] = useDisclosure(false);
  const link = useCopied();
  useShellCommands(help.toggle, () => link.copy(window.location.href));
  const quiet = useQuietTime();
  const { opened: paletteOpen } = useSpotlight(paletteStore);
  const dialogs = useDialogs(quiet || helpOpen || paletteOpen);
  return (
    <AppShell
      header={{ height: 52 }}
      navbar={{ width: 176, breakpoint: 'sm', collapsed: { mobile: !menuOpen } }}
      padding={0}
    >
      <a className={classes.skip} href="#content">
        Skip to the content
      </a>
      <AppShell.Header className={classes.header}>
        <Header menuOpen={menuOpen} onMenu={menu.toggle} onHelp={help.open} />
      </AppShell.Header>
      <AppShell.Navbar className={classes.navbar}>
        <Navigation onNavigate={menu.close} />
      </AppShell.Navbar>
      <AppShell.Main id="content" tabIndex={-1} className={classes.main}>
        <Outlet />
      </AppShell.Main>
      <div role="status" className={classes.said} data-said={link.state ?? undefined}>
        {link.state === 'copied' && 'The link to this view is copied'}
        {link.state === 'failed' && 'The browser did not let the link be copied'}
      </div>
      {dialogs !== null && createElement(dialogs, { helpOpen, onCloseHelp: help.close })}
    </AppShell>
  );
}
