import type { AdaptationJson } from '../../wire';
import { formatChange, formatPoints, unknown } from '../format/format';

export const statusNames: Readonly<Record<AdaptationJson['status'], string>> = {
  proposed: 'proposed',
  approved: 'approved',
  rolling_out: 'rolling out',
  active: 'active',
  deactivated: 'deactivated',
  rolled_back: 'rolled back',
  rejected: 'rejected',
};

export function statusText({ status, paused_by: pausedBy }: AdaptationJson): string {
  return pausedBy === null ? statusNames[status] : `${statusNames[status]}, paused by ${pausedBy}`;
}

export function changeText({ knob, from, to }: AdaptationJson): string {
  return `${knob}: ${JSON.stringify(from)} → ${JSON.stringify(to)}`;
}

export function contextText({ context }: AdaptationJson): string {
  const parts = [
    ...(context.agent_id === null ? [] : [`agent ${context.agent_id}`]),
    ...(context.task_type === null ? [] : [`tasks of type ${context.task_type}`]),
  ];
  return parts.length === 0 ? 'everywhere' : parts.join(', ');
}

interface Effect {
  readonly effect: number | null;
  readonly interval: readonly [number | null, number | null] | null;
}

export function effectText(found: Effect | null, unit: AdaptationJson['effect_unit']): string {
  if (found === null || found.effect === null) return unknown;
  const format = unit === '%' ? formatChange : formatPoints;
  const ends = found.interval === null ? '' : ` [${found.interval.map(format).join(', ')}]`;
  return `${format(found.effect)}${ends}`;
}
