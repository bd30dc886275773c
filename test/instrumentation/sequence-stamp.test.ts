import { SpanStatusCode } from '@opentelemetry/api';
import type { SpanHandle } from '../../src/instrumentation';
import { recordSpans, useAsyncContext } from './record-spans';

useAsyncContext();

test('every root says how many runs of its process have ended, and how', async () => {
  const { tracker, spans } = recordSpans();
  const run = (work: (root: SpanHandle) => unknown): void => {
    try {
      tracker.withExecution(work);
    } catch {
      // The one that fails.
    }
  };
  run(() => {
    tracker.startSpan({ name: 'child' }).end();
  });
  run(() => {
    throw new Error('no');
  });
  run((root) => root.span.setStatus({ code: SpanStatusCode.ERROR }));
  run((root) => root.setAttribute('execution.success', true).recordException(new Error('mended')));
  run((root) => root.setAttribute('execution.status', 'timed_out'));
  run(() => 1);

  const all = await spans();
  const stamps = all
    .filter(({ name }) => name === 'invoke_agent')
    .map(({ attributes: a }) => [
      a['evolution.seq.number'],
      a['evolution.seq.successes'],
      a['evolution.seq.failures'],
      a['evolution.seq.failed'],
    ]);
  expect(stamps).toEqual([
    [1, 1, 0, false],
    [2, 1, 1, true],
    [3, 1, 2, true],
    [4, 2, 2, false],
    [5, 2, 3, true],
    [6, 3, 3, false],
  ]);
  const processes = new Set(all.map(({ attributes }) => attributes['evolution.seq.process']));
  expect(processes.size).toBe(2); // one, and the child says nothing
});

test('a run that nobody records is not counted: nothing can be missing of it', async () => {
  const { tracker, provider, spans } = recordSpans();
  tracker.withExecution(() => 1);
  const [before] = await spans();
  await provider.shutdown();
  const later = recordSpans();
  later.tracker.withExecution(() => 1);
  const [after] = await later.spans();
  expect(after?.attributes['evolution.seq.number']).toBe(
    Number(before?.attributes['evolution.seq.number']) + 1,
  );
});
