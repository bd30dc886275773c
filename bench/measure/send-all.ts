import type { TrafficRequest } from '../../test/support/agent-traffic';
import { OtlpClient } from '../../test/support/otlp-client';

/**
 * Sends requests over a few connections, on each the next one as soon as the answer is there; gives
 * their latencies, ms. Throws unless every span is acknowledged.
 */
export async function sendAll(
  url: string,
  requests: readonly TrafficRequest[],
  connections: number,
): Promise<number[]> {
  const client = new OtlpClient(url, { connections });
  const queue = requests.values();
  const millis: number[] = [];
  const send = async (): Promise<void> => {
    for (const { body } of queue) {
      const answer = await client.post(body);
      // A body would be a partial success: something was refused.
      if (answer.status !== 200 || answer.body.length > 0) {
        throw new Error(`answered ${answer.status}: ${answer.body.toString()}`);
      }
      millis.push(answer.millis);
    }
  };
  await Promise.all(Array.from({ length: connections }, send));
  client.close();
  return millis;
}
