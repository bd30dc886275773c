import { Anchor } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { Message } from '../ui/message';

export function NotFound() {
  return (
    <Message page title="There is no such page">
      <Anchor component={Link} to="/">
        Go home
      </Anchor>
    </Message>
  );
}
