import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { context, propagation, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import fc from 'fast-check';
import {
  contextFromEnvironment,
  enterExposures,
  environmentFromContext,
  executionOf,
  stampOf,
  taskOf,
} from '../../src/instrumentation';
import { activeContext, recordSpans, useAsyncContext } from './record-spans';

useAsyncContext();

test('a child process continues trace, task and execution through its environment', async () => {
  const { tracker, span } = recordSpans();
  const child = JSON.stringify(join(__dirname, 'continue-task.child.ts'));
  const { stdout } = await tracker.withTask({ id: 'tâche, 1;=' }, () =>
    tracker.withExecution({ id: 'run 1', attempt: 2, replication: 3 }, () =>
      promisify(execFile)(process.execPath, ['-r', 'esbuild-register', '-e', `require(${child})`], {
        env: { PATH: process.env['PATH'], ...environmentFromContext(context.active()) },
      }),
    ),
  );
  const root = await span('invoke_agent');
  expect(JSON.parse(stdout)).toEqual({
    traceId: root.traceId,
    parentSpanId: root.spanId,
    attributes: {
      'task.id': 'tâche, 1;=',
      'execution.id': 'run 1',
      'execution.attempt': 2,
      'execution.replication': 3,
    },
  });
});

test('the environment carries ids only', () => {
  const { tracker } = recordSpans();
  const task = {
    id: 't',
    input: 'secret input',
    sessionId: 'secret session',
    tags: ['secret tag'],
  };
  const environment = tracker.withTask(task, () =>
    tracker.withExecution({ config: { secret: 1 } }, () => environmentFromContext(activeContext())),
  );
  expect(Object.keys(environment).sort()).toEqual(['BAGGAGE', 'TRACEPARENT']);
  expect(JSON.stringify(environment)).not.toContain('secret');
  expect(environmentFromContext(ROOT_CONTEXT)).toEqual({});
});

test("propagate 'none': nothing of a task travels, and within the process all stays as it is", async () => {
  const { tracker, span } = recordSpans({ propagate: 'none' });
  const outer = propagation.setBaggage(
    ROOT_CONTEXT,
    propagation.createBaggage({
      'their.key': { value: 'v' },
      'evolution.task.id': { value: 'of the caller' },
    }),
  );
  const environments = context.with(outer, () => [
    tracker.withExecution({ id: 'r' }, () => environmentFromContext(activeContext())),
    tracker.withTask({ id: 't' }, () => environmentFromContext(activeContext())),
    tracker.withTask({ id: 't' }, () =>
      tracker.withExecution({ id: 'run', name: 'inner' }, () =>
        environmentFromContext(activeContext()),
      ),
    ),
  ]);
  expect(environments.map(({ BAGGAGE }) => BAGGAGE)).toEqual(Array(3).fill('their.key=v'));
  expect(environments[2]?.['TRACEPARENT']).toContain((await span('inner')).traceId);
  expect((await span('invoke_agent')).attributes['task.id']).toBe('of the caller');
  expect((await span('inner')).attributes).toMatchObject({ 'task.id': 't', 'execution.id': 'run' });
});

test("propagate 'none': exposures stay in the process too, given outside of a task or inside", async () => {
  const { tracker, span } = recordSpans({ propagate: 'none' });
  const environment = context.with(enterExposures(ROOT_CONTEXT, { outside: 'a' }), () =>
    tracker.withTask({ id: 't' }, () =>
      context.with(enterExposures(activeContext(), { inside: 'b' }), () =>
        tracker.withExecution(() => environmentFromContext(activeContext())),
      ),
    ),
  );
  expect(Object.keys(environment)).toEqual(['TRACEPARENT']);
  expect((await span('invoke_agent')).attributes['evolution.exposures']).toEqual([
    'outside=a',
    'inside=b',
  ]);
});

test('what was written is read back, whatever the id', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 100 }), (id) => {
      const { tracker } = recordSpans();
      const environment = tracker.withTask({ id }, () => environmentFromContext(activeContext()));
      expect(taskOf(contextFromEnvironment(environment))?.id).toBe(id);
    }),
    { numRuns: 50 },
  );
});

test('a new task leaves the execution of the outer one behind, in Baggage too', () => {
  const { tracker } = recordSpans();
  tracker.withExecution({ id: 'outer' }, () => {
    expect(tracker.currentExecution()?.id).toBe('outer');
    tracker.withTask({ id: 'inner' }, (task) => {
      expect(tracker.currentTask()).toBe(task);
      expect(tracker.currentExecution()).toBeNull();
      const elsewhere = contextFromEnvironment(environmentFromContext(activeContext()));
      expect(taskOf(elsewhere)?.id).toBe('inner');
      expect(executionOf(elsewhere)).toBeNull();
    });
  });
  expect(tracker.currentTask()).toBeNull();
});

test("somebody else's baggage is kept, and read only where it is ours", () => {
  const { tracker } = recordSpans();
  const theirs = propagation.setBaggage(
    ROOT_CONTEXT,
    propagation.createBaggage({ 'their.key': { value: 'v' } }),
  );
  expect(stampOf(theirs)).toBeNull();
  context.with(theirs, () =>
    tracker.withTask({ id: 't' }, () => {
      expect(propagation.getBaggage(activeContext())?.getEntry('their.key')?.value).toBe('v');
    }),
  );
});

test.each([
  [undefined],
  [''],
  ['00-0-0-01'],
  ['00-00000000000000000000000000000000-b7ad6b7169203331-01'],
  ['ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'],
  ['00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01'],
])('a broken TRACEPARENT is left out: %s', (header) => {
  expect(trace.getSpanContext(contextFromEnvironment({ TRACEPARENT: header }))).toBeUndefined();
});

test('TRACEPARENT and TRACESTATE are read, of a later version too', () => {
  const read = trace.getSpanContext(
    contextFromEnvironment({
      TRACEPARENT: '01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00-extra',
      TRACESTATE: 'vendor=1',
    }),
  );
  expect(read).toMatchObject({ traceFlags: 0, isRemote: true, spanId: 'b7ad6b7169203331' });
  expect(read?.traceState?.get('vendor')).toBe('1');
});

test.each([
  ['evolution.task.id=a', 'a'],
  [' evolution.task.id = a%20b ;meta=1, other=2', 'a b'],
  ['evolution.task.id=%E0%A4%A', null],
  ['=x,,;,evolution.task.id', null],
  ['evolution.task.id=', null],
  [`evolution.task.id=${'x'.repeat(300)}`, null],
  [`evolution.task.id=a,${'k=v,'.repeat(3_000)}`, null],
])('BAGGAGE %p', (header, expected) => {
  expect(taskOf(contextFromEnvironment({ BAGGAGE: header.slice(0, 20_000) }))?.id ?? null).toBe(
    expected,
  );
});

test('counts that are none are unknown', () => {
  const inside = contextFromEnvironment({
    BAGGAGE: 'evolution.task.id=t,evolution.execution.id=e,evolution.execution.attempt=-1',
  });
  expect(executionOf(inside)).toEqual({ id: 'e', taskId: 't', attempt: null, replication: null });
  expect(stampOf(inside)).toEqual({ 'task.id': 't', 'execution.id': 'e' });
});
