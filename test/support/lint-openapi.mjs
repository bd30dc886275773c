// A process of its own: the linter is an ES module, which Jest does not load. Document on stdin, problems on stdout.
import { text } from 'node:stream/consumers';
import { createConfig, lintFromString } from '@redocly/openapi-core';

const config = await createConfig({
  extends: ['recommended'],
  rules: { 'tag-description': 'off' },
});
const problems = await lintFromString({ source: await text(process.stdin), config });
process.stdout.write(
  JSON.stringify(
    problems.map(({ ruleId, message, location }) => [ruleId, message, location[0]?.pointer]),
  ),
);
