import type crypto from 'node:crypto';

/**
 * `node:crypto`, loaded when it is first used: importing it takes a third of the time that importing this whole package
 * may take, and an agent that only loads the package makes no hash and no id.
 */
export function nodeCrypto(): typeof crypto {
  return process.getBuiltinModule('node:crypto');
}
