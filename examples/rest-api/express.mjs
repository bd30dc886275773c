// The REST API in an Express 5 application, under a prefix, with the application's own sign-in:
//   node express.mjs 8080, then curl -H 'x-user: alice' http://127.0.0.1:8080/evolution/api/v1/tasks
import express from 'express';
import { createEvolution, createEvolutionAPI } from 'otel-evolution';

const evolution = await createEvolution(); // EVOLUTION_DB_URL, else sqlite:./evolution.db
const api = await createEvolutionAPI(evolution, {
  prefix: '/evolution',
  authorize: (request) => (request.headers.get('x-user') === 'alice' ? ['read', 'write'] : null),
});

const app = express();
app.use(express.json()); // the application's own; the API reads bodies before and after it
app.all('/evolution/{*path}', (request, response) => api.listener(request, response));
app.get('/', (_request, response) => response.send('the application'));

const server = app.listen(Number(process.argv[2] ?? 8080), '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${server.address().port}`);
});
process.once('SIGTERM', () => server.close(() => evolution.close()));
