import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import {
  createEvolution,
  EvolutionSpanProcessor,
  getGlobalTracker,
  openStore,
} from '../../src/index';

const newDatabase = (): string =>
  `sqlite:${join(mkdtempSync(join(tmpdir(), 'evolution-')), 'test.db')}`;

test('a processor that opens its database late does not take the place of a later instance', async () => {
  const processor = new EvolutionSpanProcessor({ databaseUrl: newDatabase() });
  const provider = new NodeTracerProvider({ spanProcessors: [processor] });
  const evolution = await createEvolution({ databaseUrl: newDatabase() });
  provider.getTracer('test').startSpan('first').end();
  await provider.forceFlush();
  expect(processor.stats().processed).toBe(1);
  expect(getGlobalTracker()).toBe(evolution.tracker);
  await evolution.close();
  await provider.shutdown();
  expect(() => getGlobalTracker()).toThrow('has not been set up');
});

test('a store alone is no instance', async () => {
  const store = await openStore(newDatabase());
  expect(() => getGlobalTracker()).toThrow('has not been set up');
  await store.close();
});
