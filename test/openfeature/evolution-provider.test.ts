import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OpenFeature, type Client } from '@openfeature/server-sdk';
import { context, propagation, trace } from '@opentelemetry/api';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { createEvolution, EvolutionSpanProcessor, type Evolution } from '../../src/index';
import { EvolutionProvider, withExposures } from '../../src/openfeature';
import { makePattern } from '../support/make-pattern';

const folder = mkdtempSync(join(tmpdir(), 'evolution-openfeature-'));
let evolution: Evolution;
let telemetry: NodeTracerProvider;
let provider: EvolutionProvider;
let client: Client;
let experimentId: string;
let adaptationId: string;

beforeAll(async () => {
  evolution = await createEvolution({
    databaseUrl: `sqlite:${join(folder, 'evolution.db')}`,
    approval: 'standing',
    levers: [
      { knob: 'window', kind: 'config', values: { oneOf: ['head', 'tail'] }, initial: 'head' },
    ],
  });
  telemetry = new NodeTracerProvider({
    spanProcessors: [new EvolutionSpanProcessor({ evolution })],
  });
  telemetry.register();
  const experiment = await evolution.experiments.create({
    name: 'retry budget',
    key: 'retries',
    variants: [
      { name: 'none', config: { retries: 0 } },
      { name: 'two', config: { retries: 2 } },
    ],
    trafficSplit: [0.5, 0.5],
    successMetric: 'success',
  });
  experimentId = experiment.id;
  const proposed = await evolution.adaptation.propose(
    makePattern({
      controllable: true,
      status: 'confirmed',
      predicate: {
        text: 'config:window=tail',
        terms: [{ kind: 'config', key: 'window', op: '=', value: 'tail' }],
      },
    }),
  );
  if (proposed.kind === 'refused') throw new Error(proposed.reason);
  adaptationId = proposed.adaptation.id;
  await evolution.adaptation.apply(adaptationId, { name: 'ann', automatic: false });
  provider = new EvolutionProvider(evolution);
  await OpenFeature.setProviderAndWait(provider);
  client = OpenFeature.getClient();
});

afterAll(async () => {
  await OpenFeature.close();
  await telemetry.shutdown();
  trace.disable();
  context.disable();
  propagation.disable();
  await evolution.close();
  rmSync(folder, { recursive: true });
});

test('an experiment by its flag key, in the type that is asked for', async () => {
  const targetingKey = 'task 1';
  const { variant } = evolution.experiments.assignVariant(experimentId, targetingKey);
  const retries = variant === 'two' ? 2 : 0;
  expect(await client.getNumberDetails('retries', 7, { targetingKey })).toMatchObject({
    value: retries,
    variant,
    reason: 'SPLIT',
  });
  expect(await client.getStringValue('retries', 'x', { targetingKey })).toBe(variant);
  expect(await client.getObjectValue('retries', {}, { targetingKey })).toEqual({ retries });
});

test('an adaptation by its knob: the change, or the default where the unit is held back', async () => {
  const seen = new Map<string, string>();
  for (let i = 0; i < 200; i += 1) {
    const asked = { targetingKey: `task ${i}` };
    const { value, variant } = await client.getStringDetails('window', 'head', asked);
    seen.set(variant!, value);
  }
  expect(seen).toEqual(
    new Map([
      ['treated', 'tail'],
      ['held_back', 'head'],
    ]),
  );
});

test('what cannot be answered gives the default, with the standard error code', async () => {
  const targetingKey = 'task 1';
  expect(await client.getStringDetails('colour', 'red', { targetingKey })).toMatchObject({
    value: 'red',
    errorCode: 'FLAG_NOT_FOUND',
  });
  expect(await client.getNumberDetails('retries', 7, {})).toMatchObject({
    value: 7,
    errorCode: 'TARGETING_KEY_MISSING',
  });
  expect(await client.getBooleanDetails('retries', true, { targetingKey })).toMatchObject({
    value: true,
    errorCode: 'TYPE_MISMATCH',
  });
});

test('an evaluation exposes the run, and by Baggage the spans of other processes', async () => {
  const headers: Record<string, string> = {};
  await evolution.tracker.withTask({ id: 'task 5' }, () =>
    evolution.tracker.withExecution({ id: 'run 5' }, async () => {
      await client.getNumberValue('retries', 0, { targetingKey: 'task 5' });
      await client.getStringValue('window', 'head', { targetingKey: 'task 5' });
    }),
  );
  const exposures = provider.exposures(['retries', 'window', 'colour'], { targetingKey: 'task 6' });
  await evolution.tracker.withTask({ id: 'task 6' }, () =>
    evolution.tracker.withExecution({ id: 'run 6' }, () =>
      withExposures(exposures, async () => {
        propagation.inject(context.active(), headers);
        await Promise.resolve();
      }),
    ),
  );
  // As another process would: nothing but the headers.
  const remote = propagation.extract(context.active(), headers);
  context.with(remote, () => trace.getTracer('other').startSpan('remote tool').end());
  await telemetry.forceFlush();

  const variantOf = (unit: string): string =>
    evolution.experiments.assignVariant(experimentId, unit).variant;
  const five = await evolution.store.getExecution('run 5');
  expect(five!.exposures).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ experimentId: 'retries', variant: variantOf('task 5') }),
      expect.objectContaining({ adaptationId }),
    ]),
  );
  const six = await evolution.store.getExecution('run 6');
  expect(six!.exposures).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ experimentId, variant: variantOf('task 6') }),
      expect.objectContaining({ adaptationId }),
    ]),
  );
});
