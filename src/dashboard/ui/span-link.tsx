import { Anchor } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';

interface SpanLinkProps {
  readonly traceId: string;
  readonly spanId: string;
  /** `mono` for ids, `untrusted` for names. */
  readonly className: 'mono' | 'untrusted';
  readonly children: ReactNode;
}

/** To a span in the picture of its trace. */
export function SpanLink({ traceId, spanId, className, children }: SpanLinkProps) {
  return (
    <Anchor
      renderRoot={(props) => (
        <Link to="/traces/$traceId" params={{ traceId }} search={{ span: spanId }} {...props} />
      )}
      size="sm"
      className={className}
    >
      {children}
    </Anchor>
  );
}
