import { useQuery } from '@tanstack/react-query';
import type {
  AgentVersionsJson,
  ConfigurationVersionJson,
  LookJson,
  PatternPageJson,
} from '../../wire';
import { getJson } from '../api/http';
import { formatCount, plural, toMillis } from '../format/format';
import type { MetricsSearch } from './metrics-search';

export interface Marker {
  readonly kind: 'version' | 'configuration' | 'look' | 'mark';
  readonly at: number;
  readonly text: string;
}

/**
 * What happened meanwhile: versions of agents that ran for the first time, new versions of a configuration, looks of the
 * learner, marks that people set on findings.
 */
export function useMarkers({ agent_id }: MetricsSearch): readonly Marker[] {
  const versions = useQuery({
    queryKey: ['/versions', agent_id],
    queryFn: ({ signal }) => getJson<AgentVersionsJson>('/versions', { agent_id }, signal),
  });
  const configurations = useQuery({
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
    ...(versions.data?.items ?? []).map((version) => ({
      kind: 'version' as const,
      at: toMillis(version.first_start),
      text: `first run of ${version.agent_id}, version ${version.version}`,
    })),
    ...(configurations.data?.items ?? []).map(({ label, id, created_at }) => ({
      kind: 'configuration' as const,
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
