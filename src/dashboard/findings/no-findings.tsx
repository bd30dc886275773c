import { Code } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { LookJson } from '../../wire';
import { getJson } from '../api/http';
import { plural } from '../format/format';
import { Message } from '../ui/message';

/** Why there is none, and what would bring one. */
export function NoFindings() {
  const { data } = useQuery({
    queryKey: ['/looks'],
    queryFn: ({ signal }) => getJson<{ items: LookJson[] }>('/looks', {}, signal),
  });
  const last = data?.items.at(-1);
  const detail =
    last === undefined
      ? 'No look has been taken yet. The first comes at 250 judged runs, or when you ask for it:'
      : `Look ${last.number} tested ${plural(last.tested, 'hypothesis').replace(/hypothesiss$/, 'hypotheses')} on ${plural(last.units, 'run')}, and none held. That is an answer: what looks like a pattern there is mostly the difficulty of the tasks.`;
  return (
    <Message title="Nothing is known yet" detail={detail}>
      <Code>otel-evolution learn</Code>
    </Message>
  );
}
