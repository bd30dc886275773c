import { ActionIcon, Group, ScrollArea, Tabs, Text } from '@mantine/core';
import { memo } from 'react';
import { IconX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import type { SpanJson } from '../../wire';
import { getJson } from '../api/http';
import { CopyIcon } from '../ui/copy';
import { JsonText } from '../ui/json-text';
import { QueryView } from '../ui/query-view';
import { RoleIcon } from '../ui/role-icon';
import { SpanAttributes } from './span-attributes';
import { SpanEvents } from './span-events';
import { SpanLinks } from './span-links';
import { SpanMessages } from './span-messages';
import { SpanRewards } from './span-rewards';
import { SpanWhy } from './span-why';
import { SpanSummary } from './span-summary';
import type { TraceModel } from './trace-model';
import type { PanelTab } from './trace-search';
import { panelTabs } from './trace-search';
import type { TraceView } from './use-trace-view';
import classes from './trace.module.css';

interface Props {
  readonly model: TraceModel;
  readonly view: TraceView;
  readonly index: number;
}

const titles: Readonly<Record<PanelTab, string>> = {
  summary: 'Summary',
  messages: 'Messages',
  attributes: 'Attributes',
  events: 'Events',
  links: 'Links',
  rewards: 'Rewards',
  why: 'Why',
  json: 'JSON',
};

/** Everything of one span, beside the picture so that the picture stays where it is. */
export const SpanPanel = memo(function SpanPanel({ model, view, index }: Props) {
  const { span } = model.forest.nodes[index]!;
  const { tab = 'summary' } = view.search;
  return (
    <aside className={classes.panel} aria-label={`Span ${span.name}`}>
      <Group className={classes.panelHead} gap={8} wrap="nowrap" justify="space-between">
        <Group gap={8} wrap="nowrap" style={{ minWidth: 0 }}>
          <RoleIcon role={span.role} size={18} />
          <Text fw={650} className="one-line" title={span.name}>
            {span.name}
          </Text>
          <CopyIcon value={span.id} what="span id" />
        </Group>
        <ActionIcon
          variant="subtle"
          color="gray"
          aria-label="Close the panel"
          onClick={() => view.change({ span: undefined, tab: undefined })}
        >
          <IconX size={16} />
        </ActionIcon>
      </Group>
      <Tabs
        value={tab}
        onChange={(chosen) =>
          view.change({
            tab: chosen === 'summary' ? undefined : (chosen as Exclude<PanelTab, 'summary'>),
          })
        }
        keepMounted={false}
        style={{ display: 'contents' }}
      >
        <ScrollArea type="never" style={{ flex: 'none' }}>
          <Tabs.List style={{ flexWrap: 'nowrap' }}>
            {panelTabs.map((name) => (
              <Tabs.Tab key={name} value={name} px={8} fz={13}>
                {titles[name]}
              </Tabs.Tab>
            ))}
          </Tabs.List>
        </ScrollArea>
        <div className={classes.panelBody} tabIndex={0} role="region" aria-label={titles[tab]}>
          <Tabs.Panel value="summary">
            <SpanSummary model={model} view={view} index={index} />
          </Tabs.Panel>
          {tab !== 'summary' && (
            <Tabs.Panel value={tab}>
              {tab === 'why' && <SpanWhy executionId={span.executionId} view={view} />}
              {tab === 'rewards' && <SpanRewards traceId={model.traceId} span={span} />}
              {tab !== 'why' && tab !== 'rewards' && (
                <WholeSpan
                  traceId={model.traceId}
                  spanId={span.id}
                  tab={tab}
                  model={model}
                  view={view}
                />
              )}
            </Tabs.Panel>
          )}
        </div>
      </Tabs>
    </aside>
  );
});

interface WholeSpanProps {
  readonly model: TraceModel;
  readonly view: TraceView;
  readonly traceId: string;
  readonly spanId: string;
  readonly tab: Exclude<PanelTab, 'summary' | 'rewards' | 'why'>;
}

/** What the picture does not need is read when somebody looks. */
function WholeSpan({ model, view, traceId, spanId, tab }: WholeSpanProps) {
  const query = useQuery({
    queryKey: ['span', traceId, spanId],
    queryFn: ({ signal }) => getJson<SpanJson>(`/spans/${traceId}:${spanId}`, {}, signal),
  });
  return (
    <QueryView query={query}>
      {(span) => {
        switch (tab) {
          case 'messages':
            return <SpanMessages span={span} view={view} />;
          case 'attributes':
            return <SpanAttributes span={span} />;
          case 'events':
            return <SpanEvents span={span} origin={model.origin} />;
          case 'links':
            return <SpanLinks span={span} />;
          case 'json':
            return <JsonText value={span} />;
        }
      }}
    </QueryView>
  );
}
