export async function register() {
  if (process.env.NEXT_RUNTIME !== 'nodejs') return;
  const { NodeTracerProvider } = await import('@opentelemetry/sdk-trace-node');
  const { EvolutionSpanProcessor } = await import('otel-evolution');
  const { getEvolution } = await import('./evolution');
  const spanProcessors = [new EvolutionSpanProcessor({ evolution: await getEvolution() })];
  new NodeTracerProvider({ spanProcessors }).register();
}
