import { z } from 'zod';

const price = z.strictObject({
  inputUsdPerMillionTokens: z.number().nonnegative(),
  outputUsdPerMillionTokens: z.number().nonnegative(),
});

/** Every setting, its range and its default: the one place. */
export const configurationSchema = z.strictObject({
  /** `sqlite:PATH` or `postgres://…`. */
  databaseUrl: z.string().min(1).default('sqlite:./evolution.db'),
  /** Address `serve` binds to; anything but loopback needs a token. */
  host: z.string().min(1).default('127.0.0.1'),
  /** Port of `serve`, 0..65535; 0 picks a free one. */
  port: z.number().int().min(0).max(65535).default(4319),
  /** Bearer token that `serve` asks for; `null` for none. */
  token: z.string().min(16).nullable().default(null),
  /** Keep prompts, completions, tool arguments and results. */
  captureContent: z.boolean().default(false),
  /** An execution succeeded when its outcome reaches this, 0..1. */
  successThreshold: z.number().min(0).max(1).default(0.5),
  /** Whose judgement counts first. */
  sourceOrder: z
    .array(z.enum(['human', 'code', 'llm']))
    .length(3)
    .default(['human', 'code', 'llm']),
  /** Whether `serve` learns in the background. */
  learn: z.boolean().default(true),
  /** Price by model name, for spans that bring no cost. */
  prices: z.record(z.string(), price).default({}),
});

export type Configuration = Readonly<z.output<typeof configurationSchema>>;
export type ConfigurationKey = keyof Configuration;
export type ConfigurationOptions = {
  readonly [K in ConfigurationKey]?: Configuration[K] | undefined;
};
export type ConfigurationSource = 'option' | 'file' | 'environment' | 'default';

export const configurationKeys = Object.keys(configurationSchema.shape) as ConfigurationKey[];

/** Environment variables by setting; the rest has none. */
export const environmentVariables: Partial<Record<ConfigurationKey, string>> = {
  databaseUrl: 'EVOLUTION_DB_URL',
  host: 'EVOLUTION_HOST',
  port: 'EVOLUTION_PORT',
  token: 'EVOLUTION_TOKEN',
  captureContent: 'EVOLUTION_CAPTURE_CONTENT',
  successThreshold: 'EVOLUTION_SUCCESS_THRESHOLD',
  learn: 'EVOLUTION_LEARN',
};
