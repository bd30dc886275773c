import { Anchor } from '@mantine/core';
import { Link } from '@tanstack/react-router';

export function SessionLink({ sessionId }: { readonly sessionId: string }) {
  return (
    <Anchor
      size="sm"
      className="untrusted"
      renderRoot={(props) => <Link to="/sessions/$sessionId" params={{ sessionId }} {...props} />}
    >
      {sessionId}
    </Anchor>
  );
}
