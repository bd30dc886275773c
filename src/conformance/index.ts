export { type ConformanceOptions, type ConformanceResult, runConformance } from './run-conformance';
