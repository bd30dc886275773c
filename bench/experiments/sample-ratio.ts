/**
 * LEARNING target 7: `experiments/sample-ratio [streams] [units]`: alarms of the sample ratio's e-value (limit
 * 1,000) under the plan, and the units until a 45/55 split is seen.
 */
import { SampleRatioProcess, seededRandom } from '../../src/stats';
import { median, shareOf } from '../measure/share';

const [streamsText = '400', unitsText = '20000'] = process.argv.slice(2);
const streams = Number(streamsText);
const limit = Math.log(1_000);

function unitsToAlarm(seed: string, share: number, units: number): number | null {
  const random = seededRandom(seed);
  const ratio = new SampleRatioProcess(2);
  for (let unit = 1; unit <= units; unit += 1) {
    ratio.add(random() < share ? 0 : 1, 0.5);
    if (ratio.logE >= limit) return unit;
  }
  return null;
}

const seeds = Array.from({ length: streams }, (_, i) => i);
const nulls = seeds.map((i) => unitsToAlarm(`plan-${i}`, 0.5, Number(unitsText)));
const broken = seeds.map((i) => unitsToAlarm(`broken-${i}`, 0.45, 20_000) ?? Infinity);
console.log(
  JSON.stringify({
    bench: 'experiments/sample-ratio',
    falseAlarms: shareOf(nulls.filter((units) => units !== null).length, streams),
    medianUnitsAt45To55: median(broken),
  }),
);
