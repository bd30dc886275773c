import { Anchor, List, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { WhyJson } from '../../wire';
import { getJson } from '../api/http';
import { formatShare, plural } from '../format/format';
import { typeNames } from '../findings/describe-pattern';
import { Message } from '../ui/message';
import { QueryView } from '../ui/query-view';
import type { TraceView } from './use-trace-view';

interface WhyProps {
  readonly executionId: string | null;
  readonly view: TraceView;
}

/** Where the run left what its successful siblings did, and which findings it matches. */
export function SpanWhy({ executionId, view }: WhyProps) {
  if (executionId === null) {
    return (
      <Message title="This span belongs to no run" detail="So there is nothing to compare with." />
    );
  }
  return <Why executionId={executionId} view={view} />;
}

function Why({ executionId, view }: { readonly executionId: string; readonly view: TraceView }) {
  const query = useQuery({
    queryKey: ['why', executionId],
    queryFn: ({ signal }) =>
      getJson<WhyJson>(`/executions/${encodeURIComponent(executionId)}/why`, {}, signal),
  });
  return <QueryView query={query}>{(why) => <Answer why={why} view={view} />}</QueryView>;
}

function Answer({ why, view }: { readonly why: WhyJson; readonly view: TraceView }) {
  const { divergence } = why;
  const step = divergence?.step ?? null;
  return (
    <>
      <Text mb="sm" className="untrusted">
        {why.sentence}
      </Text>
      {why.compared_with !== null && (
        <Text size="sm" c="dimmed" mb="sm">
          Compared with {plural(why.siblings, 'successful sibling')} of the same{' '}
          {why.compared_with.replaceAll('_', ' ')}.
        </Text>
      )}
      {step !== null && (
        <Anchor
          component="button"
          size="sm"
          mb="sm"
          onClick={() => view.change({ span: step.span_id })}
        >
          Show the step: {step.tool ?? step.name}
        </Anchor>
      )}
      {divergence !== null && divergence.instead.length > 0 && (
        <>
          <Text fw={600} size="sm">
            What they did instead
          </Text>
          <List size="sm" mb="sm">
            {divergence.instead.map((other, position) => (
              <List.Item key={position} className="untrusted">
                {other.tool ?? 'had finished'}
                {other.other_arguments ? ', with other arguments' : ''}: {formatShare(other.share)}
              </List.Item>
            ))}
          </List>
        </>
      )}
      <Text fw={600} size="sm">
        Findings that this run matches
      </Text>
      {why.findings.length === 0 && <Text size="sm">None.</Text>}
      <List size="sm">
        {why.findings.map((finding) => (
          <List.Item key={finding.pattern_id} className="untrusted">
            <Anchor
              size="sm"
              renderRoot={(props) => (
                <Link
                  to="/findings/$findingId"
                  params={{ findingId: finding.pattern_id }}
                  {...props}
                />
              )}
            >
              {finding.predicate}
            </Anchor>
            : {typeNames[finding.type]}
          </List.Item>
        ))}
      </List>
    </>
  );
}
