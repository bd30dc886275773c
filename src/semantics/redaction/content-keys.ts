import { exactContent, exactKnown, contentPrefixes, knownPrefixes } from './content-tables';
import { wordsOf } from './key-words';

/**
 * What a key says about its value:
 *
 * - `content`: what was said, whatever it looks like: prompts, answers, documents, arguments, results;
 * - `label`: something about content (its role, type, id): kept where it is one short word;
 * - `known`: a setting, a measurement, an address, feedback: kept;
 * - `unknown`: kept, but for long text on a span of an agent, a model or a tool.
 */
export type KeyMeaning = 'content' | 'label' | 'known' | 'unknown';

export function meaningOfKey(key: string): KeyMeaning {
  if (exactContent.has(key)) return 'content';
  if (exactKnown.has(key)) return 'known';
  if (labels.test(key)) return 'label';
  if (contentPrefixes.some((prefix) => key.startsWith(prefix))) return 'content';
  const words = wordsOf(key);
  if (knownPrefixes.some((prefix) => key.startsWith(prefix))) {
    return words.some((word) => carried.has(word)) && !describes(words) ? 'content' : 'known';
  }
  return meaningOfWords(key, words);
}

/** Longer than any name, id or state; longer texts are what somebody wrote. */
const MAX_UNKNOWN_LENGTH = 120;
const MAX_UNKNOWN_WORDS = 8;
const MAX_LABEL_LENGTH = 256;

/** Is the text more than a value of a setting: long, or a sentence? */
export function isLongText(text: string): boolean {
  if (text.length > MAX_UNKNOWN_LENGTH) return true;
  if (text.length < 2 * MAX_UNKNOWN_WORDS) return false;
  let gaps = 0;
  for (let at = text.indexOf(' '); at >= 0; at = text.indexOf(' ', at + 1)) gaps++;
  return gaps >= MAX_UNKNOWN_WORDS;
}

/** Ids, roles and types are one word. */
export function isLabelText(text: string): boolean {
  return text.length <= MAX_LABEL_LENGTH && !/\s/.test(text);
}

function meaningOfWords(key: string, words: readonly string[]): KeyMeaning {
  // Below these every name is the sender's own.
  if (words.some((word) => freeForm.has(word)) || nested.test(key)) return 'content';
  const last = words.at(-1) ?? '';
  const before = words.at(-2) ?? '';
  if (last === 'message' && words.some((word) => faults.has(word))) return 'known';
  if (words.some((word) => spoken.has(word))) return describes(words) ? 'label' : 'content';
  if (spokenLast.has(last)) return 'content';
  if (spokenPairs.has(`${before} ${last}`)) return 'content';
  return 'unknown';
}

function describes(words: readonly string[]): boolean {
  return describing.has(words.at(-1) ?? '');
}

/** Members of messages that describe them. */
const labels =
  /(?:^|\.)(?:message\.role|tool_call\.function\.name|tool_call\.id|message\.tool_call_id|message_content\.type|document\.(?:id|score)|(?:prompt|completion)\.\d+\.(?:role|finish_reason|tool_calls\.\d+\.(?:name|id)))$/;

/** A container with members, dotted or with colons. */
const nested = /(?:^|[.:_])(?:inputs?|outputs?|results?|payload|body)[.:]/i;

const freeForm: ReadonlySet<string> = new Set([
  'argument',
  'arguments',
  'args',
  'kwargs',
  'params',
  'parameters',
  'variables',
]);

/** Wherever they stand in a key. */
const spoken: ReadonlySet<string> = new Set([
  'prompt',
  'prompts',
  'completion',
  'completions',
  'message',
  'messages',
  'input',
  'inputs',
  'output',
  'outputs',
  'content',
  'contents',
  'body',
  'payload',
  'document',
  'documents',
  'transcript',
  'transcripts',
  'transcription',
  'instruction',
  'instructions',
  'thought',
  'thoughts',
  'reasoning',
  'thinking',
  'question',
  'questions',
  'answer',
  'answers',
  'utterance',
  'history',
  'scratchpad',
  'text',
  'texts',
  'snippet',
  'reply',
]);

/** At the end of a key. */
const spokenLast: ReadonlySet<string> = new Set([
  'request',
  'response',
  'responses',
  'result',
  'results',
  'query',
  'queries',
  'backstory',
  'observation',
  'observations',
  'summary',
  'choices',
  'generation',
  'generations',
  'calls',
  'chunk',
  'chunks',
  'excerpt',
]);

const spokenPairs: ReadonlySet<string> = new Set([
  'request data',
  'response data',
  'tool data',
  'agent data',
  'function call',
  'tool call',
  'source code',
  'generated code',
  'python code',
  'task description',
  'agent goal',
  'chat ctx',
  'chat context',
  'return value',
  'expected value',
]);

/** Even under a prefix that is known otherwise. */
const carried: ReadonlySet<string> = new Set(['body', 'payload', 'parameter', 'parameters']);

const faults: ReadonlySet<string> = new Set(['error', 'exception', 'status', 'warning']);

/** Last words that say what kind of content it is, and none of it. */
const describing: ReadonlySet<string> = new Set([
  'role',
  'id',
  'ids',
  'type',
  'types',
  'index',
  'length',
  'size',
  'bytes',
  'version',
  'format',
  'reason',
  'reasons',
  'mode',
  'modality',
  'effort',
  'language',
  'encoding',
  'hash',
  'key',
  'score',
  'status',
  'level',
  'token',
  'tokens',
  'count',
  'cost',
  'price',
  'usage',
  'cached',
  'time',
  'start',
  'duration',
  'latency',
]);
