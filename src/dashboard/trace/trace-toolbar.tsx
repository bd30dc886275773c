import {
  ActionIcon,
  Button,
  Checkbox,
  CloseButton,
  Group,
  NativeSelect,
  SegmentedControl,
  Text,
  TextInput,
  Tooltip,
} from '@mantine/core';
import { IconChevronDown, IconChevronUp, IconSearch, IconZoomReset } from '@tabler/icons-react';
import { memo, useMemo } from 'react';
import { useCommandStore } from '../commands/command-context';
import { formatCount, formatDuration, plural } from '../format/format';
import { countHidden } from '../trace-layout/hidden-spans';
import type { TraceModel } from './trace-model';
import type { TraceViewName } from './trace-search';
import type { TimeWindow } from './use-time-window';
import type { TraceView } from './use-trace-view';
import classes from './trace.module.css';

interface Props {
  readonly model: TraceModel;
  readonly view: TraceView;
}

export function TraceToolbar({ model, view, window }: Props & { readonly window: TimeWindow }) {
  return (
    <div className={classes.toolbar} role="toolbar" aria-label="View of the trace">
      <Choices model={model} view={view} />
      <Focus model={model} view={view} />
      {window.zoomed && <Zoom window={window} />}
      {view.name === 'waterfall' && <Hidden model={model} view={view} />}
    </div>
  );
}

const Choices = memo(function Choices({ model, view }: Props) {
  const { search, change, name } = view;
  return (
    <>
      <SegmentedControl
        size="xs"
        aria-label="Picture"
        value={name}
        onChange={(chosen) => change({ view: chosen === 'waterfall' ? undefined : chosen })}
        data={
          [
            { value: 'waterfall', label: 'Waterfall' },
            { value: 'flame', label: 'Flame' },
            { value: 'aggregated', label: 'Aggregated' },
          ] satisfies { value: TraceViewName; label: string }[]
        }
      />
      <SearchField view={view} />
      {name === 'waterfall' && <Folding model={model} view={view} />}
      {name !== 'aggregated' && (
        <Checkbox
          size="xs"
          label="Fold idle time"
          checked={search.idle ?? false}
          onChange={(event) => change({ idle: event.currentTarget.checked || undefined })}
        />
      )}
    </>
  );
});

/** What is folded away is said, with how much of it. */
const Hidden = memo(function Hidden({ model: { forest }, view: { rows, focus } }: Props) {
  const { repeated, groups, closed, filtered } = useMemo(
    () => countHidden(forest, rows, focus),
    [forest, rows, focus],
  );
  const said = [
    repeated > 0 && `${plural(repeated, 'span')} folded into ${plural(groups, 'repeat')}`,
    closed > 0 && `${formatCount(closed)} in closed rows`,
    filtered > 0 && `${formatCount(filtered)} left out by the filter`,
  ].filter((text) => text !== false);
  if (said.length === 0) return null;
  return (
    <Text size="xs" c="dimmed" role="status">
      {said.join(' · ')}
    </Text>
  );
});

function SearchField({
  view: { search, change, matches, selected },
}: {
  readonly view: TraceView;
}) {
  const store = useCommandStore();
  const position = matches?.indexOf(selected ?? -1) ?? -1;
  return (
    <Group gap={4} wrap="nowrap">
      <TextInput
        data-page-search
        size="xs"
        w={220}
        placeholder="Search spans  /"
        aria-label="Search spans"
        leftSection={<IconSearch size={14} aria-hidden />}
        value={search.q ?? ''}
        onChange={(event) => change({ q: event.currentTarget.value || undefined })}
        onKeyDown={(event) => {
          if (event.key === 'Enter')
            store.run(event.shiftKey ? 'trace.previous match' : 'trace.next match');
          if (event.key === 'Escape') event.currentTarget.blur();
        }}
        rightSection={
          search.q !== undefined && (
            <CloseButton
              size="xs"
              aria-label="Clear the search"
              onClick={() => change({ q: undefined, only: undefined })}
            />
          )
        }
      />
      {matches !== null && (
        <>
          <Text size="xs" c="dimmed" role="status" style={{ whiteSpace: 'nowrap' }}>
            {position === -1 ? '' : `${position + 1} of `}
            {plural(matches.length, 'match').replace(/matchs$/, 'matches')}
          </Text>
          <ActionIcon
            size="sm"
            variant="subtle"
            color="gray"
            aria-label="Previous match"
            onClick={() => store.run('trace.previous match')}
          >
            <IconChevronUp size={15} />
          </ActionIcon>
          <ActionIcon
            size="sm"
            variant="subtle"
            color="gray"
            aria-label="Next match"
            onClick={() => store.run('trace.next match')}
          >
            <IconChevronDown size={15} />
          </ActionIcon>
          <Checkbox
            size="xs"
            label="Only matches"
            checked={search.only ?? false}
            onChange={(event) => change({ only: event.currentTarget.checked || undefined })}
          />
        </>
      )}
    </Group>
  );
}

const shares = ['0', '0.1', '1', '5', '10'];

function Folding({ model, view: { search, change } }: Props) {
  return (
    <>
      <NativeSelect
        size="xs"
        aria-label="Hide spans that are shorter"
        value={String(search.min ?? 0)}
        data={shares.map((value) => ({
          value,
          label: value === '0' ? 'Any length' : `≥ ${value} % of trace`,
        }))}
        onChange={(event) => change({ min: Number(event.currentTarget.value) || undefined })}
      />
      {model.repeats.length > 0 && (
        <Checkbox
          size="xs"
          label="Fold repeats"
          checked={!search.unfold}
          onChange={(event) => change({ unfold: event.currentTarget.checked ? undefined : true })}
        />
      )}
      <Checkbox
        size="xs"
        label="Critical path"
        checked={search.critical ?? false}
        onChange={(event) => change({ critical: event.currentTarget.checked || undefined })}
      />
    </>
  );
}

/** Out of the subtree. */
function Focus({ model, view: { focus, change } }: Props) {
  if (focus === null) return null;
  return (
    <Button
      size="compact-xs"
      variant="light"
      rightSection={<span aria-hidden>×</span>}
      onClick={() => change({ focus: undefined, t0: undefined, t1: undefined })}
    >
      <span className={`${classes.focusName} one-line`}>
        Only {model.forest.nodes[focus]!.span.name}
      </span>
    </Button>
  );
}

/** Out of the window. */
function Zoom({ window: { axis, showAll } }: { readonly window: TimeWindow }) {
  return (
    <Tooltip label="Show the whole time (0)">
      <Button
        size="compact-xs"
        variant="light"
        leftSection={<IconZoomReset size={14} aria-hidden />}
        onClick={showAll}
      >
        {formatDuration(axis.to - axis.from)} from {formatDuration(axis.from)}
      </Button>
    </Tooltip>
  );
}
