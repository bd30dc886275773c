import {
  IconBan,
  IconCheck,
  IconClockExclamation,
  IconHourglass,
  IconMinus,
  IconPlayerPlay,
  IconX,
} from '@tabler/icons-react';
import classes from './status-badge.module.css';

const shapes = {
  queued: IconHourglass,
  running: IconPlayerPlay,
  completed: IconCheck,
  failed: IconX,
  timed_out: IconClockExclamation,
  cancelled: IconBan,
};

const tones: Readonly<Record<string, string>> = {
  completed: 'good',
  failed: 'bad',
  timed_out: 'warn',
};

/** Word, shape and colour say the same. */
export function StatusBadge({ status }: { readonly status: keyof typeof shapes }) {
  const Shape = shapes[status];
  return (
    <span className={classes.badge} data-tone={tones[status]}>
      <Shape size={13} aria-hidden /> {status.replace('_', ' ')}
    </span>
  );
}

/** What the judgement of a run came to. */
export function Success({ success }: { readonly success: boolean | null }) {
  if (success === null) {
    return (
      <span className={classes.badge}>
        <IconMinus size={13} aria-hidden /> not judged
      </span>
    );
  }
  return (
    <span className={classes.badge} data-tone={success ? 'good' : 'bad'}>
      {success ? <IconCheck size={13} aria-hidden /> : <IconX size={13} aria-hidden />}{' '}
      {success ? 'success' : 'no success'}
    </span>
  );
}
