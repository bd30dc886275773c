import { Anchor } from '@mantine/core';
import { Link } from '@tanstack/react-router';

export function TaskLink({ taskId }: { readonly taskId: string }) {
  return (
    <Anchor
      size="sm"
      className="untrusted"
      renderRoot={(props) => <Link to="/tasks/$taskId" params={{ taskId }} {...props} />}
    >
      {taskId}
    </Anchor>
  );
}
