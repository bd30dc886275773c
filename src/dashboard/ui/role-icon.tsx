import type { Icon } from '@tabler/icons-react';
import {
  IconArrowsSplit2,
  IconBinary,
  IconCircleDot,
  IconDatabaseSearch,
  IconGavel,
  IconMessage2,
  IconRobot,
  IconTool,
} from '@tabler/icons-react';

const icons: Readonly<Record<string, Icon>> = {
  agent: IconRobot,
  llm: IconMessage2,
  tool: IconTool,
  retrieval: IconDatabaseSearch,
  embedding: IconBinary,
  evaluator: IconGavel,
  chain: IconArrowsSplit2,
};

const names: Readonly<Record<string, string>> = {
  agent: 'Agent',
  llm: 'Model',
  tool: 'Tool',
  retrieval: 'Retrieval',
  embedding: 'Embedding',
  evaluator: 'Evaluator',
  chain: 'Chain',
  other: 'Other',
};

export function roleName(role: string): string {
  return names[role] ?? names.other!;
}

/** CSS variable of a role's colour; roles that nobody knows look like `other`. */
export function roleVariable(role: string, soft = false): string {
  return `--role-${Object.hasOwn(names, role) ? role : 'other'}${soft ? '-soft' : ''}`;
}

export function roleColor(role: string): string {
  return `var(${roleVariable(role)})`;
}

export function RoleIcon({ role, size = 15 }: { readonly role: string; readonly size?: number }) {
  const Shape = icons[role] ?? IconCircleDot;
  return (
    <Shape
      size={size}
      stroke={1.8}
      color={roleColor(role)}
      role="img"
      aria-label={roleName(role)}
    />
  );
}
