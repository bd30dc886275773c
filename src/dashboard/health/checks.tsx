import { IconAlertTriangle, IconCheck } from '@tabler/icons-react';
import type { DiagnosisJson } from '../../wire';
import classes from './checks.module.css';

/** Each check with a mark and, where it failed, the line that mends it. */
export function Checks({ checks }: { readonly checks: DiagnosisJson['checks'] }) {
  return (
    <ul className={classes.list}>
      {checks.map(({ name, ok, detail, hint }) => (
        <li key={name} data-ok={ok}>
          {ok ? (
            <IconCheck size={16} aria-label="in order" />
          ) : (
            <IconAlertTriangle size={16} aria-label="not in order" />
          )}
          <span>
            <b>{name}</b>: <span className="untrusted">{detail}</span>
            {hint !== null && <span className={`${classes.hint} untrusted`}>→ {hint}</span>}
          </span>
        </li>
      ))}
    </ul>
  );
}
