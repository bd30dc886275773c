import { TransitionError } from '../../errors';
import type { Status } from '../../model/status';

/**
 * Where a task or an execution may be moved by hand. What has ended stays as it ended, except that
 * work which only ran out of time may still come in, and a task may be tried again.
 */
const allowed: Readonly<Record<'task' | 'execution', Readonly<Record<Status, readonly Status[]>>>> =
  {
    execution: {
      queued: ['running', 'completed', 'failed', 'timed_out', 'cancelled'],
      running: ['completed', 'failed', 'timed_out', 'cancelled'],
      timed_out: ['completed', 'failed'],
      completed: [],
      failed: [],
      cancelled: [],
    },
    task: {
      queued: ['running', 'completed', 'failed', 'timed_out', 'cancelled'],
      running: ['queued', 'completed', 'failed', 'timed_out', 'cancelled'],
      timed_out: ['queued', 'running', 'completed', 'failed', 'cancelled'],
      failed: ['queued', 'running'],
      completed: [],
      cancelled: [],
    },
  };

/** @throws TransitionError where the table has no such move; staying is always allowed */
export function checkTransition(kind: 'task' | 'execution', from: Status, to: Status): void {
  if (from === to || allowed[kind][from].includes(to)) return;
  const choices = allowed[kind][from];
  throw new TransitionError(`A ${kind} that is ${from} cannot become ${to}.`, {
    hint: choices.length > 0 ? `Possible: ${choices.join(', ')}.` : 'Its status is final.',
  });
}

/** Nothing more is expected. */
export function isFinal(status: Status): boolean {
  return status !== 'queued' && status !== 'running';
}
