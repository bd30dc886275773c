import { Group, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './page-layout.module.css';

interface PageLayoutProps {
  readonly title: string;
  /** Right of the title. */
  readonly actions?: ReactNode;
  /** The page fills the window and scrolls inside. */
  readonly full?: boolean;
  readonly children: ReactNode;
}

export function PageLayout({ title, actions, full = false, children }: PageLayoutProps) {
  return (
    <div className={classes.page} data-full={full || undefined}>
      <Group justify="space-between" className={classes.head}>
        <Title order={1} size="h3" className="untrusted" lineClamp={3} title={title}>
          {title}
        </Title>
        {actions}
      </Group>
      {children}
    </div>
  );
}
