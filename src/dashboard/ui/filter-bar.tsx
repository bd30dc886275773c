import { Button, CloseButton, Group, NativeSelect, TextInput } from '@mantine/core';
import type { FormEvent } from 'react';
import { useState } from 'react';
import type { FilterName, ListFilter } from '../url/list-filter';
import { filterNames, isFiltered, noFilter } from '../url/list-filter';
import classes from './filter-bar.module.css';

interface FilterBarProps {
  readonly filter: ListFilter;
  readonly change: (patch: ListFilter) => void;
  /** Those that this list knows. */
  readonly names: readonly FilterName[];
}

/** What a list is filtered by, each to be taken away, and a field to add another. */
export function FilterBar({ filter, change, names }: FilterBarProps) {
  const [name, setName] = useState<FilterName>(names[0]!);
  const [value, setValue] = useState('');
  const add = (event: FormEvent): void => {
    event.preventDefault();
    if (value.trim() !== '') change({ [name]: value.trim() });
    setValue('');
  };
  return (
    <Group gap={8} mb="sm" component="section" aria-label="Filter">
      <form onSubmit={add} className={classes.form}>
        <NativeSelect
          size="xs"
          aria-label="Filter by"
          value={name}
          data={names.map((key) => ({ value: key, label: filterNames[key] }))}
          onChange={(event) => setName(event.currentTarget.value as FilterName)}
        />
        <TextInput
          size="xs"
          data-page-search
          aria-label={`${filterNames[name]} to filter by`}
          placeholder="value  /"
          value={value}
          onChange={(event) => setValue(event.currentTarget.value)}
        />
        <Button size="xs" variant="default" type="submit">
          Filter
        </Button>
      </form>
      {names
        .filter((key) => filter[key] !== undefined)
        .map((key) => (
          <span key={key} className={classes.pill}>
            <span className={classes.pillName}>{filterNames[key]}</span>
            <span className="one-line">{filter[key]}</span>
            <CloseButton
              size="xs"
              aria-label={`Remove the filter ${filterNames[key]}`}
              onClick={() => change({ [key]: undefined })}
            />
          </span>
        ))}
      {isFiltered(filter) && (
        <Button size="compact-xs" variant="subtle" color="gray" onClick={() => change(noFilter)}>
          Clear all
        </Button>
      )}
    </Group>
  );
}
