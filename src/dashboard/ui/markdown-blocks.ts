export type MarkdownBlock =
  | { readonly kind: 'code'; readonly text: string }
  | { readonly kind: 'heading'; readonly level: number; readonly text: string }
  | { readonly kind: 'list'; readonly ordered: boolean; readonly items: readonly string[] }
  | { readonly kind: 'quote' | 'paragraph'; readonly text: string }
  | { readonly kind: 'rule' };

const fence = /^\s{0,3}(```+|~~~+)/;
const heading = /^ {0,3}(#{1,6})\s+(.*)$/;
const item = /^\s{0,6}(?:([-*+])|(\d{1,9})[.)])\s+(.*)$/;
const quote = /^ {0,3}>\s?(.*)$/;
const rule = /^ {0,3}([-*_])(\s*\1){2,}\s*$/;

/** One pass over the lines, without backtracking. */
export function blocksOf(text: string): readonly MarkdownBlock[] {
  const lines = text.split(/\r?\n/);
  const blocks: MarkdownBlock[] = [];
  for (let at = 0; at < lines.length;) {
    if (lines[at]!.trim() === '') at += 1;
    else {
      const { block, next } = readBlock(lines, at);
      blocks.push(block);
      at = next;
    }
  }
  return blocks;
}

interface ReadBlock {
  readonly block: MarkdownBlock;
  /** The line after it. */
  readonly next: number;
}

function readBlock(lines: readonly string[], at: number): ReadBlock {
  const line = lines[at]!;
  if (fence.test(line)) return readCode(lines, at);
  if (rule.test(line)) return { block: { kind: 'rule' }, next: at + 1 };
  const [, marks, title = ''] = heading.exec(line) ?? [];
  if (marks !== undefined) {
    return { block: { kind: 'heading', level: marks.length, text: title }, next: at + 1 };
  }
  const quoted = matchesFrom(lines, at, quote);
  if (quoted.length > 0) {
    const text = quoted.map((match) => match[1]).join('\n');
    return { block: { kind: 'quote', text }, next: at + quoted.length };
  }
  const listed = matchesFrom(lines, at, item);
  if (listed.length > 0) {
    const items = listed.map((match) => match[3] ?? '');
    const ordered = listed[0]![2] !== undefined;
    return { block: { kind: 'list', ordered, items }, next: at + listed.length };
  }
  const plain = matchesFrom(lines, at, plainLine);
  const text = plain.length === 0 ? line : plain.map((match) => match[0]).join('\n');
  return { block: { kind: 'paragraph', text }, next: at + Math.max(1, plain.length) };
}

function readCode(lines: readonly string[], at: number): ReadBlock {
  let end = at + 1;
  while (end < lines.length && !fence.test(lines[end]!)) end += 1;
  return { block: { kind: 'code', text: lines.slice(at + 1, end).join('\n') }, next: end + 1 };
}

/** The lines from here on that match, up to the first that does not. */
function matchesFrom(lines: readonly string[], from: number, pattern: RegExp): RegExpExecArray[] {
  const found: RegExpExecArray[] = [];
  for (let at = from; at < lines.length; at += 1) {
    const match = pattern.exec(lines[at]!);
    if (match === null) break;
    found.push(match);
  }
  return found;
}

/** Anything that begins no other block. */
const plainLine =
  /^(?!\s*$)(?!\s{0,3}(?:```|~~~))(?! {0,3}#{1,6}\s)(?! {0,3}>)(?!\s{0,6}(?:[-*+]|\d{1,9}[.)])\s).*$/;
