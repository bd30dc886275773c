/**
 * The daily subset of LEARNING 6, with its gate: 200 null streams over all kinds at 300 units, any false claim in at
 * most 14; planted facts of .2 at 1,000 units. Exits with 1 where the gate fails.
 *
 *   --streams N   null streams (200); --seed S (1)
 */
import { createLab, print, readOptions, share } from './harness';
import { makeStream, nullKinds } from './streams';

const options = readOptions({ streams: 200 });
const isTag = (text: string): boolean => text.startsWith('tag:');
const common = { features: 60, agents: 1, repeats: 5 };

async function promotedOf(executions: Parameters<typeof createLab>[0]): Promise<string[]> {
  const lab = createLab(executions);
  await lab.learn();
  return lab.withStatus('observed', 'confirmed').map(({ predicate }) => predicate.text);
}

const kinds = Object.entries(nullKinds);
const claims: string[] = [];
for (let s = 0; s < options.streams; s += 1) {
  const [name, kind] = kinds[s % kinds.length]!;
  const seed = `${options.seed}/daily/${name}/${s}`;
  const stream = makeStream(kind, { ...common, seed, units: 300, effect: 0 });
  if ((await promotedOf(stream.executions)).some(isTag)) claims.push(name);
}
const planted = 10;
let found = 0;
for (let s = 0; s < planted; s += 1) {
  const seed = `${options.seed}/daily/facts/${s}`;
  const { executions, facts } = makeStream({}, { ...common, seed, units: 1_000, effect: 0.2 });
  const promoted = await promotedOf(executions);
  found += facts.filter((fact) => promoted.includes(fact)).length;
}
const gates = {
  falseClaims: claims.length <= 0.07 * options.streams,
  recall: found >= 0.8 * 3 * planted,
};
print({
  seed: options.seed,
  falseClaims: share(claims.length, options.streams),
  kindsWithClaims: claims,
  factsFound: share(found, 3 * planted),
  gates,
});
process.exitCode = Object.values(gates).every(Boolean) ? 0 : 1;
