// Opens a store, and ends itself right after so many statements were handed to the driver; tells how many there were.
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const { bundle, url, dieAfter } = JSON.parse(process.argv[2]);
let statements = 0;

function count(prototype, name) {
  const original = prototype[name];
  prototype[name] = function (...values) {
    const result = Reflect.apply(original, this, values);
    statements += 1;
    if (statements === dieAfter) process.kill(process.pid, 'SIGKILL');
    return result;
  };
}

if (url.startsWith('sqlite:')) {
  for (const name of ['run', 'all', 'exec']) count(require('sqlite3').Database.prototype, name);
} else {
  count(require('pg').Client.prototype, 'query');
}
const { openStore } = require(bundle);
const store = await openStore(url, { sqliteDriver: 'sqlite3' });
await store.close();
process.send({ statements });
