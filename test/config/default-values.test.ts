import { resolve } from 'node:path';
import { runInNewContext } from 'node:vm';
import ts from 'typescript';
import { configurationSettings } from '../../src/config/configuration';
import { resolveSpanQueueOptions } from '../../src/otel/span-queue-options';

/** What the docstrings of an interface print after `@defaultValue`, by property; `null` where they print none. */
function printedDefaults(file: string, name: string): ReadonlyMap<string, string | null> {
  const path = resolve(__dirname, '../../src', file);
  const tree = ts.createSourceFile(path, ts.sys.readFile(path)!, ts.ScriptTarget.Latest, true);
  const found = tree.statements.find(
    (one): one is ts.InterfaceDeclaration =>
      ts.isInterfaceDeclaration(one) && one.name.text === name,
  );
  return new Map(
    found!.members.map((member) => {
      const tag = ts.getJSDocTags(member).find(({ tagName }) => tagName.text === 'defaultValue');
      const text = tag === undefined ? null : ts.getTextOfJSDocComment(tag.comment);
      return [(member.name as ts.Identifier).text, text ?? null];
    }),
  );
}

/** The value of what stands in backticks. */
function valueOf(printed: string | null | undefined): unknown {
  const [, code] = /^`([^`]+)`/.exec(printed ?? '') ?? [];
  expect(code).toBeDefined();
  // Made in a context of its own, it is no `Object` of ours.
  return JSON.parse(JSON.stringify(runInNewContext(`(${code!})`))) as unknown;
}

test('every setting prints the default that it has', () => {
  const printed = printedDefaults('model/configuration.ts', 'Configuration');
  expect([...printed.keys()].sort()).toEqual(Object.keys(configurationSettings).sort());
  for (const [key, { fallback }] of Object.entries(configurationSettings)) {
    expect([key, valueOf(printed.get(key))]).toEqual([key, fallback]);
  }
});

test('every option of the processor and the exporter prints the default that it has', () => {
  const printed = printedDefaults('otel/span-queue-options.ts', 'SpanQueueOptions');
  const sizes = Object.entries(resolveSpanQueueOptions({})).filter(
    ([, value]) => typeof value === 'number' || typeof value === 'boolean',
  );
  expect(sizes.length).toBeGreaterThan(6);
  for (const [key, value] of sizes) expect([key, valueOf(printed.get(key))]).toEqual([key, value]);
  expect([...printed].filter(([, text]) => text === null)).toEqual([]);
});
