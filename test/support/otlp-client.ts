import { Agent, request } from 'node:http';

export interface OtlpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
  /** From the first byte sent to the last one received. */
  readonly millis: number;
}

/** A client with a few connections that it keeps. */
export class OtlpClient {
  readonly #url: string;
  readonly #agent: Agent;

  constructor(serverUrl: string, options: { readonly connections: number }) {
    this.#url = serverUrl;
    this.#agent = new Agent({ keepAlive: true, maxSockets: options.connections });
  }

  /** Gzipped protobuf to `/v1/traces`, unless said otherwise. Rejects when the connection breaks. */
  post(
    body: Uint8Array,
    headers: Readonly<Record<string, string>> = {},
    path = '/v1/traces',
  ): Promise<OtlpAnswer> {
    const start = performance.now();
    return new Promise((resolve, reject) => {
      const call = request(
        this.#url + path,
        {
          method: 'POST',
          agent: this.#agent,
          headers: {
            'content-type': 'application/x-protobuf',
            'content-encoding': 'gzip',
            'content-length': body.length,
            ...headers,
          },
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.once('error', reject);
          response.once('end', () => {
            resolve({
              status: response.statusCode!,
              headers: response.headers,
              body: Buffer.concat(chunks),
              millis: performance.now() - start,
            });
          });
        },
      );
      call.once('error', reject);
      call.end(body);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}
