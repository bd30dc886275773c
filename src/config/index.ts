export type { Configuration, ConfigurationKey, ConfigurationOptions } from './configuration';
export { configurationKeys, environmentVariables } from './configuration';
export type { ModelEndpoint } from './read-environment';
export { readModelEndpoint } from './read-environment';
export type { ResolvedConfiguration } from './resolve-configuration';
export { resolveConfiguration } from './resolve-configuration';
