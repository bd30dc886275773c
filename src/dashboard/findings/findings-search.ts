import type { RawSearch } from '../url/search-params';
import { readOneOf, readText } from '../url/search-params';

export interface FindingsSearch {
  readonly type?: 'success' | 'anti_pattern' | 'optimization' | undefined;
  readonly status?: 'imported' | 'observed' | 'confirmed' | 'causal' | 'demoted' | undefined;
  readonly agent_id?: string | undefined;
  readonly task_type?: string | undefined;
}

export function readFindingsSearch(raw: RawSearch): FindingsSearch {
  return {
    type: readOneOf(raw, 'type', ['success', 'anti_pattern', 'optimization']),
    status: readOneOf(raw, 'status', ['imported', 'observed', 'confirmed', 'causal', 'demoted']),
    agent_id: readText(raw, 'agent_id'),
    task_type: readText(raw, 'task_type'),
  };
}
