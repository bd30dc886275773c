import { AppShell } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { Outlet } from '@tanstack/react-router';
import { Header } from './header';
import { Help } from './help';
import { Navigation } from './navigation';
import { Palette } from './palette';
import { useShellCommands } from './use-shell-commands';
import classes from './shell.module.css';

/** What is around every page. */
export function Shell() {
  const [menuOpen, menu] = useDisclosure(false);
  const [helpOpen, help] = useDisclosure(false);
  useShellCommands(help.toggle);
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
      <Palette />
      <Help opened={helpOpen} onClose={help.close} />
    </AppShell>
  );
}
