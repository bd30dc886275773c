import { useQuery } from '@tanstack/react-query';
import { isAnswering } from '../api/is-answering';
import classes from './shell.module.css';

/** Whether the server and its database answer; asked every ten seconds. */
export function ConnectionBadge() {
  const { data: answering = true } = useQuery({
    queryKey: ['answering'],
    queryFn: isAnswering,
    refetchInterval: ({ state }) => (state.data === false ? 2000 : 10_000),
  });
  return (
    <span className={classes.badge} role="status">
      <span className={classes.dot} data-state={answering ? 'live' : 'away'} aria-hidden />
      <span className={answering ? 'mantine-visible-from-md' : undefined}>
        {answering ? 'Connected' : 'No answer'}
      </span>
    </span>
  );
}
