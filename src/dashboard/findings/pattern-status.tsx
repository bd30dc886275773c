import { Badge, Tooltip } from '@mantine/core';
import type { PatternJson } from '../../wire';
import { statusNotes } from './describe-pattern';

/** The word is the statement; how filled the badge is only repeats it. */
export function PatternStatus({ status }: { readonly status: PatternJson['status'] }) {
  const strong = status === 'causal' || status === 'confirmed';
  return (
    <Tooltip label={statusNotes[status]}>
      <Badge
        tt="none"
        variant={strong ? 'filled' : status === 'observed' ? 'light' : 'outline'}
        color={status === 'demoted' ? 'gray' : 'fern'}
      >
        {status}
      </Badge>
    </Tooltip>
  );
}
