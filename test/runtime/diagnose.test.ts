import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEvolution, createEvolutionAPI, diagnose } from '../../src/runtime';
import { checkNode } from '../../src/runtime/diagnose';
import type { DiagnosisJson, HealthJson } from '../../src/wire';

test.each([
  ['20.18.3', false],
  ['18.20.0', false],
  ['20.19.0', true],
  ['22.0.0', true],
])('Node %s is new enough: %s', (version, ok) => {
  const check = checkNode(version);
  expect(check.ok).toBe(ok);
  expect(check.hint === null).toBe(ok);
});

test('the limits of retention are told by doctor, by the API that is open, and by /health', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'diagnose-'));
  const databaseUrl = `sqlite:${join(folder, 'test.db')}`;
  const limited = { databaseUrl, retention: { maxAgeDays: 30, maxSizeBytes: 2e9 } };
  try {
    const evolution = await createEvolution(limited);
    try {
      const api = await createEvolutionAPI(evolution, { authorize: () => ['read'] });
      const get = async <T>(path: string): Promise<T> =>
        (await (await api.fetch(new Request(`http://localhost/api/v1${path}`))).json()) as T;
      expect((await get<HealthJson>('/health')).retention).toEqual({
        ...{ max_age_days: 30, max_size_bytes: 2e9 },
        ...{ last_run: null, removed_traces: 0, removed_spans: 0 },
      });
      const { checks } = await get<DiagnosisJson>('/doctor');
      expect(checks.find(({ name }) => name === 'background work')?.detail).toContain(
        'retention keeps traces of 30 days, up to 2.0 GB; nothing was removed so far',
      );
    } finally {
      await evolution.close();
    }
    const told = async (options: Parameters<typeof diagnose>[0]): Promise<string | undefined> =>
      (await diagnose(options)).find(({ name }) => name === 'background work')?.detail;
    expect(await told(limited)).toContain('retention keeps traces of 30 days, up to 2.0 GB');
    expect(await told({ databaseUrl })).toContain('retention keeps everything');
  } finally {
    rmSync(folder, { recursive: true });
  }
});
