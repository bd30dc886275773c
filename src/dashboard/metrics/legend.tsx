import { plural } from '../format/format';
import type { Marker } from './markers';
import { symbols } from './series-chart';
import classes from './metrics.module.css';

interface LegendProps {
  readonly names: readonly string[];
  readonly markers: readonly Marker[];
}

const kinds: Readonly<Record<Marker['kind'], string>> = {
  version: 'new agent version',
  configuration: 'new configuration',
  look: 'look',
  mark: 'marked finding',
};

/** Which line is which (by colour and dash), and what the upright lines are. */
export function Legend({ names, markers }: LegendProps) {
  const present = (Object.keys(kinds) as Marker['kind'][]).filter((kind) =>
    markers.some((marker) => marker.kind === kind),
  );
  return (
    <ul className={classes.legend}>
      {names.map((name, index) => (
        <li key={name} className={classes[`series${index}`]}>
          <svg viewBox="0 0 28 10" width="28" height="10" aria-hidden>
            <polyline points="0,5 28,5" />
            <circle cx="14" cy="5" r="3.5" />
          </svg>
          <span className="untrusted">{name}</span>
        </li>
      ))}
      {present.map((kind) => (
        <li key={kind} className={classes[kind]}>
          <span aria-hidden>{symbols[kind]}</span>{' '}
          {plural(markers.filter((marker) => marker.kind === kind).length, kinds[kind])}
        </li>
      ))}
    </ul>
  );
}
