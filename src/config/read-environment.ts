/** Settings of the demo's language model; `null` where none is configured. */
export interface ModelEndpoint {
  readonly baseUrl: string;
  readonly apiKey: string;
  readonly model: string;
}

/** `OPENAI_BASE_URL` and `OPENAI_API_KEY` (and `OPENAI_MODEL`): the demo's agent then asks a model. */
export function readModelEndpoint(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): ModelEndpoint | null {
  const baseUrl = environment['OPENAI_BASE_URL'];
  const apiKey = environment['OPENAI_API_KEY'];
  if (baseUrl === undefined || apiKey === undefined) return null;
  return { baseUrl, apiKey, model: environment['OPENAI_MODEL'] ?? 'gpt-4o-mini' };
}
