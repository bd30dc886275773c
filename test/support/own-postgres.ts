import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** A PostgreSQL server that a test may stop, starve or take away; ends with this process at the latest. */
export interface OwnPostgres {
  readonly url: string;
  /** The postmaster: while it is stopped, connections are accepted by the kernel and never answered. */
  readonly pid: number;
  stop(): Promise<void>;
}

/** Beside this process, since it comes from an ES module, which jest cannot load. */
export async function startOwnPostgres(): Promise<OwnPostgres> {
  const module = pathToFileURL(join(__dirname, 'start-postgres.mjs')).href;
  const program = `
    const { startPostgres } = await import(${JSON.stringify(module)});
    const { url, pid, stop } = await startPostgres();
    console.log(JSON.stringify({ url, pid }));
    process.stdin.on('end', () => void stop().then(() => process.exit())).resume();`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const { url, pid } = JSON.parse(line.toString()) as { url: string; pid: number };
  return {
    url,
    pid,
    async stop() {
      process.kill(pid, 'SIGCONT');
      child.stdin.end();
      await once(child, 'exit');
    },
  };
}
