import { createEvolutionAPI } from 'otel-evolution';
import { getEvolution } from '../../../evolution';

// The REST API below /evolution; a bearer token is needed: EVOLUTION_TOKEN, or one of `otel-evolution token create`.
let api: ReturnType<typeof createEvolutionAPI> | undefined;

async function handle(request: Request) {
  const token = process.env.EVOLUTION_TOKEN;
  api ??= createEvolutionAPI(await getEvolution(), { prefix: '/evolution', token });
  return (await api).fetch(request);
}

export { handle as DELETE, handle as GET, handle as PATCH, handle as POST };
