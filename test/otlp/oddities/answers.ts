import type { Answer, Send } from '../start-receiver';
import type { Door } from './worlds';

/** A stack, SQL, a file of ours, or the name of a driver. */
export const innards =
  /\n\s+at |node_modules|\.[cm]?[jt]s:\d|SQLITE_|\b(select|insert|update|delete)\b.+\b(from|into|set)\b|\/(home|tmp|usr|var|work)\/|postgres(ql)?:\/\/|\bknex\b/i;

/** Sends to one door; whatever the answer is, it tells nothing of what is behind. */
export async function sendTo(
  { receiver, headers }: Door,
  body: Uint8Array | string,
  change: Send = {},
): Promise<Answer> {
  const answer = await receiver.send(body, {
    ...change,
    headers: { ...headers, ...change.headers },
  });
  expect(answer.body.toString()).not.toMatch(innards);
  return answer;
}

/** As a client does: what is to come again comes again. */
export async function sendUntilTaken(door: Door, body: Uint8Array): Promise<Answer> {
  for (;;) {
    const answer = await sendTo(door, body);
    if (answer.status !== 429 && answer.status !== 503) return answer;
  }
}

/** Own names of what everybody shares, and what they are. */
export function shared(): readonly (readonly [PropertyKey, unknown])[] {
  return [Object.prototype, Array.prototype, Function.prototype].flatMap((prototype) =>
    Reflect.ownKeys(prototype).map(
      (name) => [name, Object.getOwnPropertyDescriptor(prototype, name)?.value] as const,
    ),
  );
}
