import { InputError, didYouMean } from '../errors';
import type { PatternFilter, RecordFilter } from '../model/query';
import { parseInstant } from './instant';
import { roles, statuses } from './scalars';

type Writable<T> = { -readonly [K in keyof T]: T[K] };

const plainKeys = {
  task: 'taskId',
  execution: 'executionId',
  trace: 'traceId',
  type: 'taskType',
  agent: 'agentId',
  model: 'model',
  tool: 'tool',
  session: 'sessionId',
  experiment: 'experimentId',
  variant: 'variant',
  adaptation: 'adaptationId',
} as const;

const filterKeys = [
  ...Object.keys(plainKeys),
  'tag',
  'status',
  'role',
  'config.KEY',
  'attribute.KEY',
  'since',
  'until',
  'min_duration_ms',
  'max_duration_ms',
];

/**
 * `key=value` joined by commas, e.g. `agent=airline,config.window=tail,since=2026-01-31`; a comma in a
 * value is written `\,`. Throws `InputError` that names the part, what was expected and the nearest key.
 */
export function parseFilter(text: string): RecordFilter {
  const filter: Writable<RecordFilter> = {};
  for (const part of splitParts(text)) applyPart(filter, part);
  return filter;
}

/** 104 days: what no clock can have meant is no duration. */
export const longestMillis = 2 ** 53 / 1e6;

const keysOfRuns = [
  ...['task', 'execution', 'trace', 'session', 'role', 'status'],
  ...['experiment', 'variant', 'adaptation'],
  ...['min_duration_ms', 'max_duration_ms'],
];
const patternKeys = filterKeys.filter((key) => !keysOfRuns.includes(key));

/** The same for patterns, which are about many runs: what names single ones is refused. */
export function parsePatternFilter(text: string): PatternFilter {
  for (const part of splitParts(text)) {
    const key = part.slice(0, Math.max(0, part.indexOf('=')));
    if (!keysOfRuns.includes(key)) continue;
    throw new InputError(`Patterns cannot be filtered by "${key}".`, {
      hint: `A pattern is about many runs: use ${patternKeys.join(', ')}; its own status has --status.`,
    });
  }
  return parseFilter(text);
}

function splitParts(text: string): string[] {
  return text
    .split(/(?<!\\),/)
    .map((part) => part.replaceAll('\\,', ',').trim())
    .filter((part) => part !== '');
}

function applyPart(filter: Writable<RecordFilter>, part: string): void {
  const equals = part.indexOf('=');
  if (equals < 1) {
    throw new InputError(`A filter is key=value; "${part}" is not.`, {
      hint: 'For example --where agent=airline,status=completed',
    });
  }
  const key = part.slice(0, equals);
  const value = part.slice(equals + 1);
  if (Object.hasOwn(plainKeys, key)) filter[plainKeys[key as keyof typeof plainKeys]] = value;
  else if (key === 'tag') filter.tags = [...(filter.tags ?? []), value];
  else if (key === 'status') filter.status = oneOf(statuses, key, value);
  else if (key === 'role') filter.role = oneOf(roles, key, value);
  else if (key.startsWith('config.')) {
    filter.config = { ...filter.config, [key.slice('config.'.length)]: value };
  } else if (key.startsWith('attribute.')) {
    filter.attributes = { ...filter.attributes, [key.slice('attribute.'.length)]: value };
  } else if (key === 'since') filter.sinceUnixNano = parseInstant(value);
  else if (key === 'until') filter.untilUnixNano = parseInstant(value);
  else if (key === 'min_duration_ms') filter.minDurationMs = millisOf(key, value);
  else if (key === 'max_duration_ms') filter.maxDurationMs = millisOf(key, value);
  else throw new InputError(`Unknown filter key "${key}".${didYouMean(key, filterKeys)}`);
}

function millisOf(key: string, value: string): number {
  const millis = /^\d+(\.\d+)?$/.test(value) ? Number(value) : NaN;
  if (millis <= longestMillis) return millis;
  throw new InputError(`"${key}" is a number of milliseconds, from 0; "${value}" is not.`);
}

function oneOf<T extends string>(allowed: readonly T[], key: string, value: string): T {
  const found = allowed.find((candidate) => candidate === value);
  if (found !== undefined) return found;
  throw new InputError(`"${value}" is no ${key}.${didYouMean(value, allowed)}`);
}
