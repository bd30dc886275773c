// What an installation brings, from the lock file and the installed packages: how many, how large, under which
// licences, with what `sqlite3` alone brings (it builds itself) counted apart. Ends with 1 above the limits, and where the
// list of materials does not name each of them.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

const limits = { packages: 60, tarballMb: 5 };
const allowed = /^(MIT|ISC|BSD-[23]-Clause|Apache-2\.0|0BSD|BlueOak-1\.0\.0|\(.*MIT.*\))$/;
const [tarball, materials] = process.argv.slice(2);
const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8'));

const { dependencies, optionalDependencies } = packages[''];
const all = reach(Object.keys({ ...dependencies, ...optionalDependencies }));
const withoutSqlite = reach(Object.keys(dependencies));
const sqliteAlone = [...all].filter((path) => !withoutSqlite.has(path));
const licences = groupBy(all, licenceOf);
const tarballMb = megabytes(statSync(tarball).size);

console.log(`tarball            ${tarballMb} MB (limit ${limits.tarballMb})`);
console.log(
  `packages           ${withoutSqlite.size} (limit ${limits.packages}), ${installed(withoutSqlite)} MB installed`,
);
console.log(
  `sqlite3 alone      ${sqliteAlone.length} more, ${installed(sqliteAlone)} MB installed`,
);
for (const [licence, paths] of [...licences].sort((a, b) => b[1].length - a[1].length)) {
  console.log(`${licence.padEnd(18)} ${paths.length}`);
}
const strangers = [...licences].filter(([licence]) => !allowed.test(licence));
for (const [licence, paths] of strangers) console.error(`Not allowed: ${licence}, ${paths}`);
const { components } = JSON.parse(readFileSync(materials, 'utf8'));
const named = new Set(components.map(({ name, version }) => `${name}@${version}`));
const unnamed = [...all].map(identityOf).filter((identity) => !named.has(identity));
if (unnamed.length > 0) console.error(`Not in the list of materials: ${unnamed}`);
console.log(`list of materials  ${components.length} components`);
const tooMuch = withoutSqlite.size > limits.packages || tarballMb > limits.tarballMb;
process.exitCode = tooMuch || strangers.length > 0 || unnamed.length > 0 ? 1 : 0;

/** The places in the lock file of these packages and of all that they need, as Node resolves them. */
function reach(names) {
  const found = new Set();
  const visit = (from, name, optional) => {
    const path = resolve(from, name);
    if (path === undefined) {
      if (optional) return;
      throw new Error(`${name}, needed by ${from}, is not in the lock file`);
    }
    if (found.has(path)) return;
    found.add(path);
    const { dependencies = {}, optionalDependencies = {} } = packages[path];
    for (const next of Object.keys(dependencies)) visit(path, next, next in optionalDependencies);
    for (const next of Object.keys(optionalDependencies)) visit(path, next, true);
  };
  for (const name of names) visit('', name, false);
  return found;
}

function resolve(from, name) {
  for (let folder = from; ; folder = folder.replace(/\/?node_modules\/(@[^/]+\/)?[^/]+$/, '')) {
    const path = `${folder === '' ? '' : `${folder}/`}node_modules/${name}`;
    if (packages[path] !== undefined) return path;
    if (folder === '') return undefined;
  }
}

function identityOf(path) {
  return `${path.slice(path.lastIndexOf('node_modules/') + 13)}@${packages[path].version}`;
}

function licenceOf(path) {
  return packages[path].license ?? JSON.parse(readFileSync(join(path, 'package.json'))).license;
}

function installed(paths) {
  return megabytes([...paths].reduce((sum, path) => sum + sizeOf(path), 0));
}

/** Bytes of a package, without those that it carries below it. */
function sizeOf(folder) {
  return readdirSync(folder, { withFileTypes: true }).reduce((sum, entry) => {
    if (entry.name === 'node_modules') return sum;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return sum + sizeOf(path);
    return sum + (entry.isFile() ? statSync(path).size : 0);
  }, 0);
}

function groupBy(items, keyOf) {
  const groups = new Map();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
}

function megabytes(bytes) {
  return Math.round(bytes / 1e4) / 100;
}
