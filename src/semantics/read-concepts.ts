import type { AttributeValue, Attributes } from '../model/attributes';
import type { SpanRole } from '../model/span';
import type { Status } from '../model/status';
import { booleanOf, numberOf, textOf, textsOf } from './attribute-value';
import type {
  Concept,
  Convention,
  FlagConcept,
  KeyFamily,
  NumberConcept,
  TextConcept,
} from './convention';
import { agentLightning } from './conventions/agent-lightning';
import { evolution } from './conventions/evolution';
import { genAi } from './conventions/gen-ai';
import { genAiLegacy } from './conventions/gen-ai-legacy';
import { langSmith } from './conventions/langsmith';
import { openInference } from './conventions/openinference';
import { openLlmetry } from './conventions/openllmetry';
import { pydanticAi } from './conventions/pydantic-ai';
import { vercelAi } from './conventions/vercel-ai';

/** What a set of attributes says, each concept by the first convention that says it; else `null`. */
export type Findings = { [C in TextConcept]: string | null } & {
  [C in NumberConcept]: number | null;
} & { [C in FlagConcept]: boolean | null } & {
  role: SpanRole | null;
  status: Status | null;
  agentConfig: AttributeValue | null;
  tags: readonly string[] | null;
  /** Own keys that belong to a family, in the order they came; `null` where there are none. */
  familyKeys: ReadonlyMap<KeyFamily, readonly string[]> | null;
};

/** Earlier wins. */
const conventions: readonly Convention[] = [
  evolution,
  agentLightning,
  genAi,
  genAiLegacy,
  openInference,
  openLlmetry,
  vercelAi,
  langSmith,
  pydanticAi,
];

/** One pass over the own keys, so that the cost grows with the span and not with the tables. */
export function readConcepts(attributes: Attributes): Findings {
  const findings = noFindings();
  const ranks = new Uint16Array(concepts.length).fill(UNSAID);
  let familyKeys: Map<KeyFamily, string[]> | null = null;
  for (const key of Object.keys(attributes)) {
    const lookups = lookupsByKey.get(key);
    if (lookups !== undefined) {
      for (const lookup of lookups) {
        if (lookup.rank >= (ranks[lookup.index] ?? UNSAID)) continue;
        const value = lookup.read(attributes[key]);
        if (value === null) continue;
        (findings as Record<string, unknown>)[lookup.concept] = value;
        ranks[lookup.index] = lookup.rank;
      }
      continue;
    }
    const family = familyOf(key);
    if (family === null) continue;
    familyKeys ??= new Map();
    const keys = familyKeys.get(family);
    if (keys === undefined) familyKeys.set(family, [key]);
    else keys.push(key);
  }
  findings.familyKeys = familyKeys;
  return findings;
}

const UNSAID = 0xffff;
/** Implied roles rank behind every role that was said. */
const IMPLIED = 0x8000;

interface Lookup {
  readonly concept: Concept;
  readonly index: number;
  readonly rank: number;
  /** `null` where the value cannot mean this; the next convention is asked then. */
  readonly read: (value: AttributeValue | undefined) => unknown;
}

function noFindings(): Findings {
  return {
    taskId: null,
    taskType: null,
    taskGroup: null,
    taskInput: null,
    executionId: null,
    attempt: null,
    replication: null,
    status: null,
    success: null,
    attemptsUnknown: null,
    timeSynthetic: null,
    sessionId: null,
    agentId: null,
    agentName: null,
    agentVersion: null,
    agentType: null,
    agentConfig: null,
    serviceName: null,
    entityName: null,
    role: null,
    model: null,
    responseModel: null,
    tool: null,
    requestor: null,
    inputTokens: null,
    outputTokens: null,
    executionCost: null,
    cost: null,
    inputCost: null,
    outputCost: null,
    errorType: null,
    experimentId: null,
    variant: null,
    adaptationId: null,
    patternId: null,
    tags: null,
    familyKeys: null,
  };
}

const concepts = Object.keys(noFindings());

const statuses: ReadonlySet<string> = new Set<Status>([
  'queued',
  'running',
  'completed',
  'failed',
  'timed_out',
  'cancelled',
]);

/** How a concept is read where it is not text. */
const readers: ReadonlyMap<Concept, Lookup['read']> = new Map<Concept, Lookup['read']>([
  ['attempt', (value) => integerFrom(1, value)],
  ['replication', (value) => integerFrom(0, value)],
  ['inputTokens', (value) => integerFrom(0, value)],
  ['outputTokens', (value) => integerFrom(0, value)],
  ['executionCost', amountOf],
  // Gateways that know no price send 0; unknown is null.
  ['cost', (value) => amountOf(value) || null],
  ['inputCost', (value) => amountOf(value) || null],
  ['outputCost', (value) => amountOf(value) || null],
  ['success', booleanOf],
  ['attemptsUnknown', booleanOf],
  ['timeSynthetic', booleanOf],
  ['status', (value) => (typeof value === 'string' && statuses.has(value) ? value : null)],
  ['serviceName', serviceNameOf],
  ['agentConfig', (value) => value ?? null],
  ['tags', (value) => nonEmpty(textsOf(value))],
]);

const lookupsByKey: ReadonlyMap<string, readonly Lookup[]> = indexKeys();

function indexKeys(): Map<string, Lookup[]> {
  const index = new Map<string, Lookup[]>();
  let rank = 0;
  const add = (key: string, concept: Concept, lookupRank: number, read: Lookup['read']): void => {
    const lookup = { concept, index: concepts.indexOf(concept), rank: lookupRank, read };
    index.set(key, [...(index.get(key) ?? []), lookup]);
  };
  for (const convention of conventions) {
    const roleOf = (value: AttributeValue | undefined): unknown =>
      typeof value === 'string' ? (convention.roles.get(value) ?? null) : null;
    for (const [key, concept] of convention.keys) {
      add(key, concept, rank++, concept === 'role' ? roleOf : (readers.get(concept) ?? textOf));
    }
    for (const [key, role] of convention.impliedRoles ?? []) {
      add(key, 'role', IMPLIED + rank++, () => role);
    }
  }
  return index;
}

/** By the first character, so that a foreign key costs one lookup. */
const familiesByFirst: ReadonlyMap<number, readonly (readonly [string, KeyFamily])[]> =
  indexFamilies();

function indexFamilies(): Map<number, [string, KeyFamily][]> {
  const index = new Map<number, [string, KeyFamily][]>();
  for (const [prefix, family] of conventions.flatMap(({ families }) => [...(families ?? [])])) {
    const first = prefix.charCodeAt(0);
    index.set(first, [...(index.get(first) ?? []), [prefix, family]]);
  }
  return index;
}

function familyOf(key: string): KeyFamily | null {
  const candidates = familiesByFirst.get(key.charCodeAt(0));
  if (candidates === undefined) return null;
  for (const [prefix, family] of candidates) if (key.startsWith(prefix)) return family;
  return null;
}

function integerFrom(minimum: number, value: AttributeValue | undefined): number | null {
  const number = numberOf(value);
  return number !== null && Number.isSafeInteger(number) && number >= minimum ? number : null;
}

function amountOf(value: AttributeValue | undefined): number | null {
  const number = numberOf(value);
  return number !== null && number >= 0 && number < Infinity ? number : null;
}

/** SDKs fill in `unknown_service…` where nobody named the service. */
function serviceNameOf(value: AttributeValue | undefined): string | null {
  const name = textOf(value);
  return name === null || name.startsWith('unknown_service') ? null : name;
}

function nonEmpty(texts: readonly string[]): readonly string[] | null {
  return texts.length === 0 ? null : texts;
}
