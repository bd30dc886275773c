import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openStore } from '../../src/index';
import { makeProgramFolder } from '../support/packed-library';
import { newFolder, runNode, totalsOf } from '../support/run-program';

const disk = newFolder();
let mounted = false;
let programs: Awaited<ReturnType<typeof makeProgramFolder>>;
const mount = (...args: string[]) => execFileSync('mount', args, { stdio: 'pipe' });

beforeAll(async () => {
  programs = await makeProgramFolder();
  try {
    mount('-t', 'tmpfs', '-o', 'size=16m', 'tmpfs', disk);
    mounted = true;
  } catch {
    process.stderr.write('No disk can be mounted here: a read-only one is not tested.\n');
  }
  if (!mounted) return;
  // One database that is there, and has spans; one that is not.
  const store = await openStore(`sqlite:${join(disk, 'there.db')}`);
  await store.createTask({ id: 'before' });
  await store.close();
  mkdirSync(join(disk, 'empty'));
  mount('-o', 'remount,ro', disk);
});
afterAll(() => {
  if (mounted) execFileSync('umount', [disk]);
  rmSync(disk, { recursive: true, force: true });
  programs.remove();
});

describe.each(['there.db', 'empty/absent.db'])('a disk that cannot be written, %s', (name) => {
  test.each([
    ['shutdown', 'await provider.shutdown(); tell();'],
    ['process.exit', 'process.on("exit", tell); process.exit(0);'],
  ])(
    'the agent works as before; with %s every span is counted, and the cause is said once',
    async (_how, end) => {
      if (!mounted) return;
      const file = join(programs.folder, 'program.mjs');
      writeFileSync(
        file,
        `import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
      import { EvolutionSpanProcessor, withEvolutionTracking } from 'otel-evolution';
      const processor = new EvolutionSpanProcessor({ databaseUrl: 'sqlite:${join(disk, name)}' });
      const provider = new NodeTracerProvider({ spanProcessors: [processor] });
      provider.register();
      const agent = withEvolutionTracking(async (text) => text.toUpperCase());
      const answers = await Promise.all(Array.from({ length: 500 }, () => agent('x')));
      const tell = () => {
        const { processed, spooled, dropped, queueSize, queueBytes } = processor.stats();
        const lost = Object.values(dropped).reduce((sum, n) => sum + n, 0);
        console.log(answers.join('').length, processed, spooled, lost, queueSize, queueBytes);
      };
      ${end}`,
      );
      const ended = await runNode([file]);
      expect(ended).toMatchObject({ code: 0, signal: null, stdout: '500 0 0 500 0 0\n' });
      expect(ended.stderr).toMatch(/500 span\(s\) lost .*(EROFS|[Rr]ead-only|readonly)/);
      expect(ended.stderr.trim().split('\n').length).toBeLessThanOrEqual(3);
    },
  );
});

test('the database is as it was when the disk can be written again', async () => {
  if (!mounted) return;
  mount('-o', 'remount,rw', disk);
  expect(await totalsOf(`sqlite:${join(disk, 'there.db')}`)).toMatchObject({ tasks: 1, spans: 0 });
});
