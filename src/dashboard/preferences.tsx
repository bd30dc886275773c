import { useLocalStorage } from '@mantine/hooks';
import type { TimeZone } from './format/format';
import { formatTime } from './format/format';

/** Local time or UTC: how a person reads, not what they look at, so it is kept beside the URL. */
export function useTimeZone(): readonly [TimeZone, (zone: TimeZone) => void] {
  const [zone, setZone] = useLocalStorage<TimeZone>({
    key: 'otel-evolution.zone',
    defaultValue: 'local',
    getInitialValueInEffect: false,
  });
  return [zone === 'utc' ? 'utc' : 'local', setZone];
}

/** An instant in the chosen zone; the exact one, in UTC, as its title. */
export function Time({
  at,
  seconds = true,
}: {
  readonly at: string | null;
  readonly seconds?: boolean;
}) {
  const [zone] = useTimeZone();
  if (at === null) return <>–</>;
  return (
    <time dateTime={toIso(at)} title={toIso(at)}>
      {formatTime(at, zone, seconds)}
      {zone === 'utc' ? ' UTC' : ''}
    </time>
  );
}

/** RFC 3339 with nanoseconds. */
function toIso(at: string): string {
  if (!/^\d+$/.test(at)) return at;
  const nanos = BigInt(at);
  const seconds = new Date(Number(nanos / 1_000_000n)).toISOString().slice(0, 19);
  return `${seconds}.${(nanos % 1_000_000_000n).toString().padStart(9, '0')}Z`;
}
