import { Button, CloseButton, Group, NativeSelect, TextInput } from '@mantine/core';
import type { FormEvent } from 'react';
import { useState } from 'react';
import type { FilterName, ListFilter } from '../url/list-filter';
import { filterNames, filterTitle, filtersOf, noneOf } from '../url/list-filter';
import classes from './filter-bar.module.css';

interface FilterBarProps {
  readonly filter: ListFilter;
  readonly change: (patch: ListFilter) => void;
  /** Those that this list knows. */
  readonly names: readonly FilterName[];
  /** It knows attributes of spans as well. */
  readonly attributes?: boolean;
}

/** What a list is filtered by, each to be taken away, and a field to add another. */
export function FilterBar({ filter, change, names, attributes = false }: FilterBarProps) {
  const set = filtersOf(filter);
  const [name, setName] = useState<FilterName | 'attribute'>(names[0]!);
  const [value, setValue] = useState('');
  const title = name === 'attribute' ? 'Attribute' : filterNames[name];
  const add = (event: FormEvent): void => {
    event.preventDefault();
    const [, key, text] = /^([^=]+)=(.+)$/s.exec(value.trim()) ?? [];
    if (name !== 'attribute') {
      if (value.trim() !== '') change({ [name]: value.trim() });
    } else if (key !== undefined) change({ [`attribute.${key}`]: text });
    else return;
    setValue('');
  };
  return (
    <Group gap={8} mb="sm" component="section" aria-label="Filter">
      <form onSubmit={add} className={classes.form}>
        <NativeSelect
          size="xs"
          aria-label="Filter by"
          value={name}
          data={[
            ...names.map((key) => ({ value: key, label: filterNames[key] })),
            ...(attributes ? [{ value: 'attribute', label: 'Attribute' }] : []),
          ]}
          onChange={(event) => setName(event.currentTarget.value as typeof name)}
        />
        <TextInput
          size="xs"
          data-page-search
          aria-label={`${title} to filter by`}
          placeholder={name === 'attribute' ? 'key=value' : 'value  /'}
          value={value}
          onChange={(event) => setValue(event.currentTarget.value)}
        />
        <Button size="xs" variant="default" type="submit">
          Filter
        </Button>
      </form>
      {set.map(([key, wanted]) => (
        <span key={key} className={classes.pill}>
          <span className={`${classes.pillName} one-line`}>{filterTitle(key)}</span>
          <span className="one-line">{wanted}</span>
          <CloseButton
            size="xs"
            aria-label={`Remove the filter ${filterTitle(key)}`}
            onClick={() => change({ [key]: undefined })}
          />
        </span>
      ))}
      {set.length > 0 && (
        <Button
          size="compact-xs"
          variant="subtle"
          color="gray"
          onClick={() => change(noneOf(filter))}
        >
          Clear all
        </Button>
      )}
    </Group>
  );
}
