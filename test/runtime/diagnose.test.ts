import { checkNode } from '../../src/runtime/diagnose';

test.each([
  ['20.18.3', false],
  ['18.20.0', false],
  ['20.19.0', true],
  ['22.0.0', true],
])('Node %s is new enough: %s', (version, ok) => {
  const check = checkNode(version);
  expect(check.ok).toBe(ok);
  expect(check.hint === null).toBe(ok);
});
