import { EvolutionError } from '../errors';

/** A body, or one record of it, that is not OTLP; the message says what was expected and what came. */
export class OtlpDecodeError extends EvolutionError {
  constructor(message: string, options: { cause?: unknown } = {}) {
    super('input_refused', message, options);
  }
}
