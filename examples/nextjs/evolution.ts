import { createEvolution, type Evolution } from 'otel-evolution';

// Next.js bundles the instrumentation and each route apart: they share one instance by the global object.
const shared = globalThis as { evolution?: Promise<Evolution> };

export function getEvolution(): Promise<Evolution> {
  shared.evolution ??= createEvolution(); // EVOLUTION_DB_URL, else sqlite:./evolution.db
  return shared.evolution;
}
