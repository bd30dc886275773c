export type { Configuration, ConfigurationKey, ConfigurationOptions } from './configuration';
export { configurationKeys } from './configuration';
export type { GuestEnvironment, ModelEndpoint } from './read-environment';
export { readGuestEnvironment, readModelEndpoint } from './read-environment';
export type { ResolvedConfiguration } from './resolve-configuration';
export { readGuestSettings, resolveConfiguration } from './resolve-configuration';
