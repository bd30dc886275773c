import { Button, PasswordInput, Skeleton, Stack, Text } from '@mantine/core';
import type { UseQueryResult } from '@tanstack/react-query';
import { useQueryClient } from '@tanstack/react-query';
import type { FormEvent, ReactNode } from 'react';
import { useState } from 'react';
import { ApiError, setToken } from '../api/http';
import { Message } from './message';

interface QueryViewProps<T> {
  readonly query: Pick<UseQueryResult<T>, 'data' | 'error' | 'isPending' | 'refetch'>;
  readonly isEmpty?: (data: T) => boolean;
  /** What to show where nothing is stored. */
  readonly empty?: ReactNode;
  /** Something was asked for that nothing matches: another state than an empty database. */
  /** It is all that the page shows, so that what it says of itself is the page's heading. */
  readonly page?: boolean;
  readonly filtered?: { readonly active: boolean; readonly clear: () => void };
  readonly children: (data: T) => ReactNode;
}

/**
 * The five states of everything that is read, each its own picture: loading, empty, empty for this filter,
 * refused, and away (which heals by itself, and keeps on the screen what was there).
 */
export function QueryView<T>({
  query,
  isEmpty,
  empty,
  filtered,
  page = false,
  children,
}: QueryViewProps<T>) {
  const { data, error } = query;
  if (data !== undefined && !(error instanceof ApiError && error.status === 401)) {
    if (isEmpty?.(data)) return filtered?.active ? <NoMatch clear={filtered.clear} /> : empty;
    return (
      <>
        {error !== null && <Stale error={error} />}
        {children(data)}
      </>
    );
  }
  if (error !== null)
    return <Failure page={page} error={error} retry={() => void query.refetch()} />;
  return <Loading />;
}

function Loading() {
  return (
    <Stack p="md" gap="sm" aria-busy="true" aria-label="Loading" role="status">
      <Skeleton height={28} width="32%" />
      {[92, 78, 85, 64, 71, 80].map((width) => (
        <Skeleton key={width} height={18} width={`${width}%`} />
      ))}
    </Stack>
  );
}

function NoMatch({ clear }: { readonly clear: () => void }) {
  return (
    <Message title="Nothing matches this filter" detail="There is more without it.">
      <Button variant="default" onClick={clear}>
        Clear the filter
      </Button>
    </Message>
  );
}

function Stale({ error }: { readonly error: Error }) {
  return (
    <Text role="alert" size="sm" px="md" py={6} bg="var(--warn-soft)" c="var(--text)">
      {error.message} What you see is what was read before; it is asked again every two seconds.
    </Text>
  );
}

interface FailureProps {
  readonly page: boolean;
  readonly error: Error;
  readonly retry: () => void;
}

function Failure({ page, error, retry }: FailureProps) {
  if (!(error instanceof ApiError)) {
    return (
      <Message page={page} tone="bad" title="The answer cannot be shown" detail={error.message} />
    );
  }
  if (error.status === 401) return <AskForToken page={page} />;
  const { detail, hint, code } = error.problem;
  if (error.passes) {
    const title = error.kind === 'offline' ? 'The server does not answer' : 'The database is away';
    return <Message page={page} tone="away" title={title} detail={hint ?? detail} />;
  }
  return (
    <Message page={page} tone="bad" title={detail} detail={hint}>
      <Text size="xs" c="dimmed">
        {error.status} · {code}
      </Text>
      <Button variant="default" onClick={retry}>
        Try again
      </Button>
    </Message>
  );
}

function AskForToken({ page }: { readonly page: boolean }) {
  const client = useQueryClient();
  const [token, change] = useState('');
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setToken(token);
    void client.resetQueries();
  };
  return (
    <Message
      page={page}
      title="This server wants a token"
      detail="Make one with `otel-evolution token create --scope read`, or use the one in EVOLUTION_TOKEN. It is kept for this tab only."
    >
      <form onSubmit={submit}>
        <Stack gap="xs" w={320} maw="80vw">
          <PasswordInput
            label="Token"
            value={token}
            onChange={(event) => change(event.currentTarget.value)}
          />
          <Button type="submit" disabled={token === ''}>
            Use it
          </Button>
        </Stack>
      </form>
    </Message>
  );
}
