/** A refusal that only HTTP knows; everything else is an `EvolutionError`. */
export class HttpProblem extends Error {
  readonly status: number;
  readonly code: string;
  readonly hint: string | null;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    code: string,
    detail: string,
    options: { hint?: string; headers?: Readonly<Record<string, string>> } = {},
  ) {
    super(detail);
    this.name = 'HttpProblem';
    this.status = status;
    this.code = code;
    this.hint = options.hint ?? null;
    this.headers = options.headers ?? {};
  }
}
