import { z } from 'zod';
import type { AgentVersion } from '../model/ports-upkeep';
import { formatInstant } from './instant';
import { instantSchema } from './scalars';

export const agentVersionsSchema = z
  .object({
    items: z.array(
      z.object({
        agent_id: z.string(),
        version: z.string(),
        first_start: instantSchema.meta({ description: 'Of its first run that is closed.' }),
      }),
    ),
  })
  .meta({ id: 'AgentVersions', description: 'Versions of agents, the latest first.' });

export type AgentVersionsJson = z.infer<typeof agentVersionsSchema>;

export function agentVersionsToWire(versions: readonly AgentVersion[]): AgentVersionsJson {
  return {
    items: versions.map(({ agentId, version, firstStartUnixNano }) => ({
      agent_id: agentId,
      version,
      first_start: formatInstant(firstStartUnixNano),
    })),
  };
}
