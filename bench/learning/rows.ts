/**
 * Rows of LEARNING 5 that need a stream of their own, each by its name:
 *
 *   --rows 1c,1d,…   1c season · 1d tasks begin to repeat · 1e sticky settings · 1f companion knob ·
 *                    2c outcomes missing not at random · 3h confirmation · 3g demotion · 3e randomised knob by betting
 *   --streams N      of each cell (20); the rows ask for 300
 *   --seed S         (1)
 */
import { parseArgs } from 'node:util';
import { measureConfirmation, measureDemotion, measureKnob } from './rows-later';
import {
  measureBeginToRepeat,
  measureCompanion,
  measureMissing,
  measureSeason,
  measureSticky,
} from './rows-null';
import { print } from './harness';

export interface RowOptions {
  readonly streams: number;
  readonly seed: string;
}

const rows: Readonly<Record<string, (options: RowOptions) => Promise<object>>> = {
  '1c': measureSeason,
  '1d': measureBeginToRepeat,
  '1e': measureSticky,
  '1f': measureCompanion,
  '2c': measureMissing,
  '3h': measureConfirmation,
  '3g': measureDemotion,
  '3e': measureKnob,
};

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: Object.keys(rows).join(',') },
    streams: { type: 'string', default: '20' },
    seed: { type: 'string', default: '1' },
  },
});
const options: RowOptions = { streams: Number(values.streams), seed: values.seed };
const measured: Record<string, object> = {};
for (const name of values.rows.split(',')) {
  const measure = rows[name];
  if (measure === undefined)
    throw new Error(`no row ${name}; there are ${Object.keys(rows).join(', ')}`);
  measured[name] = await measure(options);
  console.error(name, JSON.stringify(measured[name]));
}
print({ ...options, rows: measured });
