// The REST API in a Fastify application, under a prefix, with the application's own sign-in:
//   node fastify.mjs 8080, then curl -H 'x-user: alice' http://127.0.0.1:8080/evolution/api/v1/tasks
import fastify from 'fastify';
import { createEvolution, createEvolutionAPI } from 'otel-evolution';

const evolution = await createEvolution(); // EVOLUTION_DB_URL, else sqlite:./evolution.db
const api = await createEvolutionAPI(evolution, {
  prefix: '/evolution',
  authorize: (request) => (request.headers.get('x-user') === 'alice' ? ['read', 'write'] : null),
});

const app = fastify();
app.get('/', () => 'the application');
app.register((scope, _options, done) => {
  // Bodies go to the API unread.
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser('*', (_request, _payload, ready) => ready(null));
  scope.all('/evolution/*', (request, reply) => {
    reply.hijack();
    return api.listener(request.raw, reply.raw);
  });
  done();
});

console.log(await app.listen({ port: Number(process.argv[2] ?? 8080), host: '127.0.0.1' }));
process.once('SIGTERM', () => void app.close().then(() => evolution.close()));
