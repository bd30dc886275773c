import { defineTable } from './table';

/** Keys to the API; of a secret only its hash. A revoked one stays, so that the list says what was. */
export const tokenTable = defineTable('tokens', {
  id: 'text',
  secret_hash: 'text',
  name: 'text',
  scopes: 'text',
  created_at: 'bigint',
  expires_at: 'bigint',
  revoked_at: 'bigint',
});
