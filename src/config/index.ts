export type { Configuration, ConfigurationKey, ConfigurationOptions } from './configuration';
export { configurationKeys } from './configuration';
export type { ModelEndpoint } from './read-environment';
export { readModelEndpoint } from './read-environment';
export type { ResolvedConfiguration } from './resolve-configuration';
export { readCaptureContent, resolveConfiguration } from './resolve-configuration';
