import fc from 'fast-check';

export interface JsonSchema {
  readonly [key: string]: unknown;
}

/** Texts that something below might take for more than text: SQL, paths, headers, prototypes, templates, odd characters. */
export const hostileTexts = [
  `' OR 1=1 --`,
  `'; DROP TABLE tasks; --`,
  `" UNION SELECT name FROM sqlite_master --`,
  `%' ESCAPE '\\`,
  `$1`,
  `?`,
  `:id`,
  `../../../../etc/passwd`,
  `..%2f..%2fetc%2fpasswd`,
  `C:\\windows\\win.ini`,
  `a\r\nset-cookie: stolen=1`,
  `a%0d%0aset-cookie:%20stolen=1`,
  `__proto__`,
  `constructor`,
  `toString`,
  `{{7*7}}`,
  '${7*7}',
  `<script>alert(1)</script>`,
  `\u0000`,
  `\ud800`,
  `\u202etxt.exe`,
  `😀`.repeat(200),
  `9`.repeat(400),
  `-1`,
  `1e999`,
  `NaN`,
  `null`,
  ``,
  ` `,
] as const;

const anyValue = fc.oneof(
  fc.constantFrom<unknown>(...hostileTexts),
  fc.jsonValue({ maxDepth: 3 }),
  fc.double(),
  fc.bigInt().map(String),
);

/** Values of a JSON Schema as OpenAPI 3.1 has it; `wild` is the share of nodes that are replaced by anything. */
export function arbitraryOf(
  schema: JsonSchema,
  components: Readonly<Record<string, JsonSchema>>,
  wild = 0,
): fc.Arbitrary<unknown> {
  const seen = new Map<string, fc.Arbitrary<unknown>>();
  const of = (node: JsonSchema, depth: number): fc.Arbitrary<unknown> => {
    const tame = tameOf(node, depth);
    if (wild === 0) return tame;
    const weight = Math.round(wild * 100);
    return fc.oneof({ arbitrary: tame, weight: 100 - weight }, { arbitrary: anyValue, weight });
  };
  const tameOf = (node: JsonSchema, depth: number): fc.Arbitrary<unknown> => {
    if (typeof node['$ref'] === 'string') return byReference(node['$ref'], depth);
    if ('const' in node) return fc.constant(node['const']);
    if (Array.isArray(node['enum'])) return fc.constantFrom(...(node['enum'] as unknown[]));
    const options = (node['anyOf'] ?? node['oneOf']) as JsonSchema[] | undefined;
    if (options !== undefined) {
      const shallow = depth > 4 ? options.filter(isLeaf) : options;
      return fc.oneof(...(shallow.length > 0 ? shallow : options).map((it) => of(it, depth + 1)));
    }
    switch (node['type']) {
      case 'object':
        return objectOf(node, depth);
      case 'array': {
        const size = { minLength: Number(node['minItems'] ?? 0), maxLength: depth > 3 ? 1 : 4 };
        return fc.array(of((node['items'] ?? {}) as JsonSchema, depth + 1), size);
      }
      default:
        return leafOf(node);
    }
  };
  const byReference = (reference: string, depth: number): fc.Arbitrary<unknown> => {
    const id = reference.slice('#/components/schemas/'.length);
    const key = `${id} ${Math.min(depth, 6)}`;
    const known = seen.get(key);
    if (known !== undefined) return known;
    const schema = components[id];
    if (schema === undefined) throw new Error(`${reference} is not in the document`);
    const made = depth > 6 ? fc.constant(null) : of(schema, depth + 1);
    seen.set(key, made);
    return made;
  };
  const objectOf = (node: JsonSchema, depth: number): fc.Arbitrary<unknown> => {
    const properties = Object.entries((node['properties'] ?? {}) as Record<string, JsonSchema>);
    const required = (node['required'] ?? []) as string[];
    const known = fc.record(
      Object.fromEntries(properties.map(([name, part]) => [name, of(part, depth + 1)])),
      { requiredKeys: required },
    );
    const additional = node['additionalProperties'];
    if (typeof additional !== 'object' || additional === null || depth > 4) return known;
    const names = fc.oneof(fc.string({ minLength: 1, maxLength: 20 }), fc.constantFrom('a.b', 'c'));
    const more = fc.dictionary(names, of(additional as JsonSchema, depth + 1), { maxKeys: 3 });
    return fc.tuple(more, known).map(([x, y]) => ({ ...x, ...y }));
  };
  return of(schema, 0);
}

function leafOf(node: JsonSchema): fc.Arbitrary<unknown> {
  const min = Number(node['minimum'] ?? node['exclusiveMinimum'] ?? -1e6);
  const max = Number(node['maximum'] ?? Math.max(min, 0) + 1e6);
  switch (node['type']) {
    case 'string':
      return textOf(node);
    case 'integer':
      return fc
        .integer({ min: Math.max(min, -(2 ** 31)), max: Math.max(min, Math.min(max, 2 ** 53 - 1)) })
        .map(Number);
    case 'number':
      return fc.double({ min, max, noNaN: true });
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    default:
      return fc.jsonValue({ maxDepth: 1 });
  }
}

function textOf(node: JsonSchema): fc.Arbitrary<string> {
  const examples = (node['examples'] ?? []) as string[];
  const pattern = node['pattern'];
  const minLength = Number(node['minLength'] ?? 0);
  const maxLength = Math.max(minLength, Math.min(Number(node['maxLength'] ?? 40), 40));
  const free =
    typeof pattern === 'string'
      ? fc.stringMatching(new RegExp(pattern))
      : fc.string({ minLength, maxLength });
  return examples.length === 0 ? free : fc.oneof(free, fc.constantFrom(...examples));
}

function isLeaf(node: JsonSchema): boolean {
  return !('$ref' in node) && node['type'] !== 'object' && node['type'] !== 'array';
}
