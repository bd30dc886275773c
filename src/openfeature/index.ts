export { EvolutionProvider, withExposures, type FlagSource } from './evolution-provider';
