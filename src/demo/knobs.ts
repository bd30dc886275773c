import type { ReadWindow } from './package-tools';
import { drawOne } from './seeded-draw';

/** The settings of the agent; each is drawn alone and with equal probabilities. */
export interface Knobs {
  /** Which part of a file it reads. */
  readonly window: ReadWindow;
  /** Which syntax it looks for in code. */
  readonly scan: 'require' | 'import' | 'both';
  /** Which kind of file it opens first. */
  readonly first_file: 'readme' | 'licence' | 'code';
  /** Content with the first finding, or not. */
  readonly effort: 'stop_early' | 'verify';
  /** Bring what it found into the form asked for. */
  readonly normalise: 'yes' | 'no';
  /** Does nothing at all: whoever claims an effect of it is wrong. */
  readonly greeting: 'hello' | 'good_day';
}

const KNOB_VALUES: { readonly [Name in keyof Knobs]: readonly [Knobs[Name], ...Knobs[Name][]] } = {
  window: ['head', 'tail', 'whole'],
  scan: ['require', 'import', 'both'],
  first_file: ['readme', 'licence', 'code'],
  effort: ['stop_early', 'verify'],
  normalise: ['yes', 'no'],
  greeting: ['hello', 'good_day'],
};

export interface DrawnKnobs {
  readonly knobs: Knobs;
  /** Probability of the value that was drawn, per knob. */
  readonly propensities: Readonly<Record<keyof Knobs, number>>;
}

/** Independent uniform draws for one execution, whose key they depend on. */
export function drawKnobs(seed: number, executionKey: string): DrawnKnobs {
  const draw = <Name extends keyof Knobs>(name: Name): Knobs[Name] =>
    drawOne<Knobs[Name]>(seed, `knob/${name}/${executionKey}`, KNOB_VALUES[name]);
  return {
    knobs: {
      window: draw('window'),
      scan: draw('scan'),
      first_file: draw('first_file'),
      effort: draw('effort'),
      normalise: draw('normalise'),
      greeting: draw('greeting'),
    },
    propensities: {
      window: 1 / KNOB_VALUES.window.length,
      scan: 1 / KNOB_VALUES.scan.length,
      first_file: 1 / KNOB_VALUES.first_file.length,
      effort: 1 / KNOB_VALUES.effort.length,
      normalise: 1 / KNOB_VALUES.normalise.length,
      greeting: 1 / KNOB_VALUES.greeting.length,
    },
  };
}
