import { Button, Group, NativeSelect, Text, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { FormEvent } from 'react';
import { useState } from 'react';
import type { PatternJson } from '../../wire';
import { postJson } from '../api/http';
import { Time } from '../preferences';

type Mark = 'acknowledged' | 'resolved' | 'not_useful';

const choices: readonly { readonly value: Mark; readonly label: string }[] = [
  { value: 'acknowledged', label: 'Acknowledged' },
  { value: 'resolved', label: 'Resolved' },
  { value: 'not_useful', label: 'Not useful' },
];

/** What people made of a finding, and the form that says so. */
export function MarkFinding({ pattern }: { readonly pattern: PatternJson }) {
  const { life } = pattern;
  const [as, chooseAs] = useState<Mark>('acknowledged');
  const [why, changeWhy] = useState('');
  const client = useQueryClient();
  const mark = useMutation({
    mutationFn: () =>
      postJson<PatternJson>(`/patterns/${encodeURIComponent(pattern.id)}/mark`, {
        as,
        why,
        by: 'dashboard',
      }),
    onSuccess: async (marked) => {
      changeWhy('');
      client.setQueryData(['pattern', pattern.id], marked);
      await client.invalidateQueries({ queryKey: ['/patterns'] });
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    mark.mutate();
  };
  return (
    <>
      <Text size="sm" mb="xs" className="untrusted" role="status">
        {life.at === null ? (
          'Nobody has said anything of it yet.'
        ) : (
          <Marked life={life} at={life.at} />
        )}
      </Text>
      <form onSubmit={submit}>
        <Group gap="sm" align="flex-end">
          <NativeSelect
            size="xs"
            label="Mark it as"
            value={as}
            data={[...choices]}
            onChange={(event) => chooseAs(event.currentTarget.value as Mark)}
          />
          <TextInput
            size="xs"
            label="Why"
            placeholder="fixed by release 3"
            w={320}
            maxLength={2000}
            value={why}
            onChange={(event) => changeWhy(event.currentTarget.value)}
          />
          <Button
            size="xs"
            type="submit"
            variant="default"
            loading={mark.isPending}
            disabled={why.trim() === ''}
          >
            Mark
          </Button>
        </Group>
      </form>
      {mark.error !== null && (
        <Text size="sm" mt="xs" role="alert" c="var(--bad)">
          {mark.error.message}
        </Text>
      )}
    </>
  );
}

function Marked({ life, at }: { readonly life: PatternJson['life']; readonly at: string }) {
  const by = life.by === null ? '' : ` by ${life.by}`;
  return (
    <>
      <b>{choices.find(({ value }) => value === life.state)?.label ?? life.state}</b>
      {by}, <Time at={at} />
      {life.why !== null && `: ${life.why}`}
    </>
  );
}
