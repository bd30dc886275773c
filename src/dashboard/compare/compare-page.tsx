import { Button, Group, Text, TextInput } from '@mantine/core';
import { useQueries } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import type { FormEvent } from 'react';
import type { ExecutionJson, PageJson, SpanJson } from '../../wire';
import { getJson } from '../api/http';
import { formatCount } from '../format/format';
import { PageLayout } from '../ui/page-layout';
import { usePageTitle } from '../ui/page-title';
import { QueryView } from '../ui/query-view';
import { Message } from '../ui/message';
import type { ComparedRun } from './compared-run';
import { Differing } from './differing';
import { Steps } from './steps';

const route = getRouteApi('/compare');

/** Two runs beside each other: where they part, and what came of it. */
export function ComparePage() {
  usePageTitle('Compare');
  const { a, b } = route.useSearch();
  const navigate = route.useNavigate();
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (name: string): string | undefined => {
      const value = form.get(name);
      return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
    };
    void navigate({ search: { a: text('a'), b: text('b') } });
  };
  return (
    <PageLayout title="Compare two runs">
      <form onSubmit={submit} key={`${a} ${b}`}>
        <Group align="flex-end" gap="sm" mb="md">
          <TextInput name="a" label="Run A" size="xs" w={300} defaultValue={a} data-page-search />
          <TextInput name="b" label="Run B" size="xs" w={300} defaultValue={b} />
          <Button type="submit" size="xs" variant="default">
            Compare
          </Button>
        </Group>
      </form>
      {a === undefined || b === undefined ? (
        <Message
          title="Choose two runs"
          detail="On the page of a task, choose two of its runs; or give their ids here."
        />
      ) : (
        <Compared a={a} b={b} />
      )}
    </PageLayout>
  );
}

function Compared({ a, b }: { readonly a: string; readonly b: string }) {
  const query = useQueries({
    queries: [a, b].map((id) => ({
      queryKey: ['compared', id],
      queryFn: ({ signal }: { signal: AbortSignal }) => readRun(id, signal),
    })),
    combine: ([first, second]) => ({
      data: first!.data && second!.data && ([first!.data, second!.data] as const),
      error: first!.error ?? second!.error,
      isPending: first!.isPending || second!.isPending,
      refetch: () => Promise.all([first!.refetch(), second!.refetch()]) as never,
    }),
  });
  return (
    <QueryView query={query}>
      {([first, second]) => (
        <>
          <Differing a={first.run} b={second.run} />
          {first.run.task_id !== second.run.task_id && (
            <Text size="sm" c="var(--warn)" mb="sm">
              These are runs of different tasks: that they differ says little.
            </Text>
          )}
          {(first.more || second.more) && (
            <Text size="sm" c="var(--warn)" mb="sm">
              Only the first {formatCount(mostSpans)} spans of a run are compared step by step.
            </Text>
          )}
          <Steps a={first} b={second} />
        </>
      )}
    </QueryView>
  );
}

const mostSpans = 1000;

async function readRun(id: string, signal: AbortSignal): Promise<ComparedRun> {
  const [run, spans] = await Promise.all([
    getJson<ExecutionJson>(`/executions/${encodeURIComponent(id)}`, {}, signal),
    getJson<PageJson<SpanJson>>('/spans', { execution_id: id, limit: mostSpans }, signal),
  ]);
  const steps = spans.items
    .filter((span) => span.role === 'tool' || span.role === 'llm')
    .sort((x, y) => (BigInt(x.start_time_unix_nano) < BigInt(y.start_time_unix_nano) ? -1 : 1));
  return { run, steps, more: spans.next_cursor !== null };
}
