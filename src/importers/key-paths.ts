const token = /"(?:[^"\\]|\\.)*"|[{}[\]:,]/gs;

/** Keys deeper than this tell formats no better apart. */
const maxDepth = 3;

/** Paths of the keys in the beginning of a JSON text, such as `.info.agent_info`, `[].traj`. */
export function keyPaths(text: string): Set<string> {
  const paths = new Set<string>();
  const stack: { readonly prefix: string; key: string }[] = [];
  let last = '';
  for (const [piece] of text.matchAll(token)) {
    const top = stack.at(-1);
    if (piece === '{' || piece === '[') {
      const path = top === undefined ? '' : top.prefix + top.key;
      stack.push({ prefix: piece === '[' ? `${path}[]` : `${path}.`, key: '' });
    } else if (piece === '}' || piece === ']') stack.pop();
    else if (piece === ':' && top !== undefined) {
      top.key = last.slice(1, -1);
      if (stack.length <= maxDepth) paths.add(top.prefix + top.key);
    }
    last = piece;
  }
  return paths;
}
