import { authorization } from './http';

/** Whether the server is there and its database takes and gives rows. */
export async function isAnswering(): Promise<boolean> {
  try {
    return (await fetch('/readyz', { headers: authorization() })).status < 500;
  } catch {
    return false; // nothing listens: that is the answer
  }
}
