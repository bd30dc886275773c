export { EvolutionProvider, type FlagSource } from './evolution-provider';
export { withExposures } from './with-exposures';
