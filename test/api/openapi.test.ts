import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { routes } from '../../src/api/routes';
import { toOpenApi } from '../../src/api/contract/openapi';

// The document by a linter of others: its structure, its references, its path parameters, its operation ids.

async function lint(document: unknown): Promise<readonly (readonly string[])[]> {
  const linter = spawn(process.execPath, ['test/support/lint-openapi.mjs'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  linter.stdin.end(JSON.stringify(document));
  return JSON.parse(await text(linter.stdout)) as string[][];
}

test.each(['', '/agents/evolution'])('with the prefix "%s" it has no fault', async (prefix) => {
  expect(
    await lint(toOpenApi(routes, { version: '1.2.3', prefix, server: prefix === '' })),
  ).toEqual([]);
});

test('the linter does see what is wrong', async () => {
  const lost = JSON.stringify(toOpenApi(routes, { version: '1.2.3' })).replaceAll(
    '"#/components/schemas/Task"',
    '"#/components/schemas/Lost"',
  );
  const faults = (await lint(JSON.parse(lost))).map(([rule]) => rule);
  expect(new Set(faults)).toContain('no-unresolved-refs');
});
