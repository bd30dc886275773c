import type { Problem } from '../wire';
import { problem, toProblem } from '../wire';
import { HttpProblem } from './http-problem';

/** An error as problem+json; what is not ours to explain is told to `onError` and says nothing. */
export function answerProblem(
  error: unknown,
  path: string,
  onError: (error: unknown) => void,
): Response {
  if (error instanceof HttpProblem) {
    const { status, code, message, hint, headers } = error;
    return problemResponse(problem(status, code, message, path, hint), headers);
  }
  const body = toProblem(error, path);
  if (body.status === 500) onError(error);
  return problemResponse(body, body.status === 503 ? { 'retry-after': '2' } : {});
}

export function problemResponse(
  body: Problem,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return new Response(JSON.stringify(body), {
    status: body.status,
    headers: { ...headers, 'content-type': 'application/problem+json' },
  });
}
