import { createHash } from 'node:crypto';
import { cleanJson } from '../schema/text';

/** First 128 bits of SHA-256, in hex. */
export function hashText(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}

/** JSON text and its hash, worked out once for an object that many spans share. */
export interface SharedContent {
  readonly hash: string;
  readonly body: string;
}

const contents = new WeakMap<object, SharedContent>();

export function sharedContent(value: object): SharedContent {
  let content = contents.get(value);
  if (!content) {
    const body = cleanJson(value);
    contents.set(value, (content = { hash: hashText(body), body }));
  }
  return content;
}
