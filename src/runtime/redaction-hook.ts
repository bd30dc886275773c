import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { diag } from '@opentelemetry/api';
import { ConfigError } from '../errors';
import type { RedactionHook } from '../model/span';

/**
 * The hook of the setting `redact`: the function itself, or the default export (or the export `redact`)
 * of the module at a path, from the working directory on.
 *
 * @throws ConfigError for a module that cannot be loaded or exports no function.
 */
export function loadRedactionHook(redact: RedactionHook | string | null): RedactionHook | null {
  if (typeof redact !== 'string') return redact;
  const path = resolve(redact);
  let loaded: unknown;
  try {
    loaded = createRequire(join(process.cwd(), 'redact.js'))(path);
  } catch (cause) {
    throw new ConfigError(`redact: the module ${redact} cannot be loaded.`, {
      cause,
      hint: 'Name a JavaScript module by its path from the working directory.',
    });
  }
  const exported = loaded as { readonly default?: unknown; readonly redact?: unknown };
  for (const hook of [loaded, exported.default, exported.redact]) {
    if (typeof hook === 'function') return hook as RedactionHook;
  }
  throw new ConfigError(`redact: the module ${redact} exports no function.`, {
    hint: 'export default (span) => ({ ...span, name: … })',
  });
}

const WARN_EVERY_MILLIS = 60_000;
let warnedAt = -Infinity;

/** Says it once a minute; the spans say it each, by `evolution.redaction_failed`. */
export function warnRedactionFailed(spans: number): void {
  const now = performance.now();
  if (spans === 0 || now - warnedAt < WARN_EVERY_MILLIS) return;
  warnedAt = now;
  diag.warn(
    `otel-evolution: the redaction hook threw or returned no span for ${spans} span(s); all that they said was dropped, their ids and times stay.`,
  );
}
