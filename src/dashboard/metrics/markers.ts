import { useQuery } from '@tanstack/react-query';
import type { ConfigurationVersionJson, LookJson, PatternPageJson } from '../../wire';
import { getJson } from '../api/http';
import { formatCount, plural, toMillis } from '../format/format';

export interface Marker {
  readonly kind: 'version' | 'look' | 'mark';
  readonly at: number;
  readonly text: string;
}

/** What happened meanwhile: new versions of a configuration, looks of the learner, marks that people set on findings. */
export function useMarkers(): readonly Marker[] {
  const versions = useQuery({
    queryKey: ['/configurations'],
    queryFn: ({ signal }) =>
      getJson<{ items: ConfigurationVersionJson[] }>('/configurations', {}, signal),
  });
  const looks = useQuery({
    queryKey: ['/looks'],
    queryFn: ({ signal }) => getJson<{ items: LookJson[] }>('/looks', {}, signal),
  });
  const findings = useQuery({
    queryKey: ['/patterns', 'marked'],
    queryFn: ({ signal }) => getJson<PatternPageJson>('/patterns', { limit: 200 }, signal),
  });
  return [
    ...(versions.data?.items ?? []).map(({ label, id, created_at }) => ({
      kind: 'version' as const,
      at: toMillis(created_at),
      text: `configuration ${label ?? id.slice(0, 8)}`,
    })),
    ...(looks.data?.items ?? []).map(({ number, at, units, promoted }) => ({
      kind: 'look' as const,
      at: toMillis(at),
      text: `look ${number}, ${formatCount(units)} runs, ${plural(promoted, 'finding')}`,
    })),
    ...(findings.data?.patterns ?? []).flatMap(({ life, predicate }) =>
      life.at === null
        ? []
        : [
            {
              kind: 'mark' as const,
              at: toMillis(life.at),
              text: `${predicate.text} ${life.state.replace('_', ' ')}`,
            },
          ],
    ),
  ].sort((x, y) => x.at - y.at);
}
