import { Tooltip, UnstyledButton } from '@mantine/core';
import { useLive } from '../api/use-live';
import { useCommand } from '../commands/command-context';
import { plural } from '../format/format';
import classes from './shell.module.css';

const words = { live: 'Live', paused: 'Paused', away: 'No answer' };

/** Whether what is seen keeps up with what is stored; pressing it pauses and goes on. */
export function ConnectionBadge() {
  const { state, waiting, toggle } = useLive();
  useCommand('live', toggle);
  const text = waiting > 0 ? `${plural(waiting, 'change')} waiting` : words[state];
  return (
    <>
      <span role="status" className="visually-hidden">
        {text}
      </span>
      <Tooltip label={state === 'paused' ? 'Go on, and show what is new' : 'Pause live updates'}>
        <UnstyledButton
          className={classes.badge}
          onClick={toggle}
          aria-pressed={state === 'paused'}
        >
          <span className={classes.dot} data-state={state} aria-hidden />
          {text}
        </UnstyledButton>
      </Tooltip>
    </>
  );
}
