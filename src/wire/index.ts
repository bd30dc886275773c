export type { Problem } from './problem';
export { problem, toProblem } from './problem';
export type { Json } from './to-wire';
export { formatInstant, toPlainValue, toWire } from './to-wire';
export { parseFilter, parseInstant, parsePatternFilter } from './parse-filter';
export { statsToWire } from './stats-to-wire';
