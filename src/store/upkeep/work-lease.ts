import { randomUUID } from 'node:crypto';
import type { WorkLease } from '../../model/ports-upkeep';
import type { Database } from '../database/database';
import { Lease } from '../derive/lease';

export function openWorkLease(database: Database, name: string, takeoverMillis: number): WorkLease {
  const lease = new Lease(database, name, randomUUID(), takeoverMillis);
  return {
    async take() {
      if (!(await lease.take())) return false;
      return database.write('shared', (session) => lease.beat(session));
    },
    release: () => lease.release(),
  };
}
