import { Button, Group, Modal, Text, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { ApiError, postJson } from '../api/http';

interface StepButtonProps {
  readonly title: string;
  /** What happens, in one sentence. */
  readonly consequence: string;
  readonly path: string;
  /** Asks why, for the audit. */
  readonly asksWhy?: boolean;
  readonly danger?: boolean;
}

const actor = 'dashboard';

/** A step that changes what agents do: it says what will happen, and is taken when that is confirmed. */
export function StepButton({ title, consequence, path, asksWhy, danger }: StepButtonProps) {
  const [isOpen, { open, close }] = useDisclosure(false);
  const [reason, setReason] = useState('');
  const client = useQueryClient();
  const step = useMutation({
    mutationFn: () => postJson(path, { actor, ...(asksWhy ? { reason: reason.trim() } : {}) }),
    onSuccess: async () => {
      close();
      setReason('');
      await client.invalidateQueries();
    },
  });
  const tone = danger ? { color: 'red' } : {};
  return (
    <>
      <Button size="compact-sm" variant="default" onClick={open}>
        {title}
      </Button>
      {/* Without its header, which would be a second banner of the page. */}
      <Modal.Root opened={isOpen} onClose={close} centered>
        <Modal.Overlay />
        <Modal.Content>
          <Modal.Body>
            <Modal.Title mb="sm">{title}</Modal.Title>
            <Text size="sm" mb="md">
              {consequence}
            </Text>
            {asksWhy && (
              <TextInput
                label="Why"
                description="For the audit"
                value={reason}
                onChange={(event) => setReason(event.currentTarget.value)}
                maxLength={2000}
                mb="md"
                data-autofocus
              />
            )}
            {step.error instanceof ApiError && (
              <Text size="sm" c="red" mb="md" role="alert">
                {step.error.problem.detail}
              </Text>
            )}
            <Group justify="flex-end" gap="sm">
              <Button variant="default" onClick={close}>
                Cancel
              </Button>
              <Button
                {...tone}
                loading={step.isPending}
                disabled={asksWhy === true && reason.trim() === ''}
                onClick={() => step.mutate()}
              >
                {title}
              </Button>
            </Group>
          </Modal.Body>
        </Modal.Content>
      </Modal.Root>
    </>
  );
}
