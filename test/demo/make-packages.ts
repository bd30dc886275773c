import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** Files by path below an installed root, e.g. `alpha/index.js`; an object is written as JSON. */
export type PackageFiles = Readonly<Record<string, string | object>>;

export interface InstalledRoot {
  /** Stands for a `node_modules` folder. */
  readonly root: string;
  readonly link: (target: string, path: string) => void;
  readonly remove: () => void;
}

export function makeInstalledRoot(files: PackageFiles): InstalledRoot {
  const folder = mkdtempSync(join(tmpdir(), 'demo-packages-'));
  const root = join(folder, 'installed');
  for (const [path, content] of Object.entries(files)) {
    const file = join(root, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  }
  return {
    root,
    link: (target, path) => symlinkSync(target, join(root, path)),
    remove: () => rmSync(folder, { recursive: true }),
  };
}

export const mitText = `MIT License

Copyright (c) 2015-2021 Ada Example <ada@example.org>

Permission is hereby granted, free of charge, to any person obtaining a copy
of this software and associated documentation files (the "Software"), to deal
${'in the Software without restriction, and so on and so forth.\n'.repeat(20)}`;

/** One package of each module system, a scoped one, a nested one, and what is no package. */
export const smallRoot: PackageFiles = {
  'alpha/package.json': {
    name: 'alpha',
    version: '1.0.0',
    license: 'MIT',
    author: 'Ada Example <ada@example.org>',
    repository: { type: 'git', url: 'git+https://github.com/example/alpha.git' },
    dependencies: { lodash: '^4', '@scope/delta': '1.0.0' },
    bin: { alpha: './bin/alpha.js' },
  },
  'alpha/index.js': `const fs = require('node:fs');
const get = require('lodash/get');
const delta = require('@scope/delta');
const local = require('./lib/local');
module.exports = () => [fs, get, delta, local];
`,
  'alpha/lib/local.js': 'exports.local = 1;\n',
  'alpha/bin/alpha.js': "#!/usr/bin/env node\nrequire('..')();\n",
  'alpha/LICENSE': mitText,
  'alpha/README.md': `# alpha

[![build](https://github.com/example/alpha/badge.svg)](https://github.com/example/alpha)

    const alpha = require('alpha');
    $ npx alpha

## License

MIT
`,
  'alpha/node_modules/inner/package.json': { name: 'inner', version: '2.0.0', license: 'ISC' },
  'alpha/node_modules/inner/index.js': 'module.exports = 1;\n',
  'beta/package.json': {
    name: 'beta',
    version: '1.0.0',
    type: 'module',
    exports: './index.js',
    license: 'ISC',
    dependencies: { yallist: '^4' },
  },
  'beta/index.js': "import { Yallist } from 'yallist';\nexport const beta = new Yallist();\n",
  'beta/license': 'ISC License\n\nCopyright (c) 2020, Bo Example\n',
  'gamma/package.json': {
    name: 'gamma',
    version: '1.0.0',
    license: 'Apache-2.0',
    exports: { '.': { import: './dist/index.mjs', require: './dist/index.cjs' } },
    dependencies: { yallist: '^4' },
  },
  'gamma/dist/index.mjs': "import { Yallist } from 'yallist';\nexport default Yallist;\n",
  'gamma/dist/index.cjs': "module.exports = require('yallist').Yallist;\n",
  '@scope/delta/package.json': { name: '@scope/delta', version: '1.0.0', license: 'MIT' },
  '@scope/delta/index.js': 'module.exports = {};\n',
  'broken/package.json': '{ "name": ',
  'nameless/package.json': { version: '1.0.0' },
  'empty/readme.md': 'no package\n',
  '.bin/alpha/package.json': { name: 'not-counted', version: '1.0.0' },
};
