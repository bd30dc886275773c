import { IconAlertTriangle } from '@tabler/icons-react';
import { formatCount } from '../format/format';

export function ErrorCount({ count }: { readonly count: number }) {
  if (count === 0) return <>0</>;
  return (
    <span style={{ color: 'var(--bad)' }}>
      <IconAlertTriangle size={13} aria-hidden style={{ verticalAlign: -2 }} /> {formatCount(count)}
    </span>
  );
}
