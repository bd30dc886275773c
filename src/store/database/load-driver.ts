import type { knex } from 'knex';
import { EvolutionError } from '../../errors';

/** A database driver as npm knows it. */
export interface DriverPackage {
  readonly module: string;
  /** What a user types to get it. */
  readonly command: string;
}

/**
 * Loads Knex and checks that the driver it will load is there and fits this Node.
 *
 * @throws EvolutionError `driver_missing`, with the command that mends it
 */
export async function loadDriver(driver: DriverPackage): Promise<typeof knex> {
  try {
    await import(driver.module);
  } catch (cause) {
    throw new EvolutionError(
      'driver_missing',
      `The database driver ${driver.module} cannot be loaded.`,
      { cause, hint: `Run: ${driver.command}` },
    );
  }
  return loadKnex();
}

export async function loadKnex(): Promise<typeof knex> {
  // The default export: Node finds no other in this CommonJS package.
  return (await import('knex')).default;
}
