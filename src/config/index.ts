export type { ConfigurationKey } from './configuration';
export type { GuestEnvironment, ModelEndpoint } from './read-environment';
export { readGuestEnvironment, readModelEndpoint, readPackageManager } from './read-environment';
export type { OpenTelemetryEnvironment } from './read-opentelemetry-environment';
export { readOpenTelemetryEnvironment } from './read-opentelemetry-environment';
export type { ResolvedConfiguration } from './resolve-configuration';
export { readGuestSettings, resolveConfiguration } from './resolve-configuration';
