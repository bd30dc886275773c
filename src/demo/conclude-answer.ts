import type { QuestionType } from './evaluate';
import type { Evidence, FileKind } from './find-evidence';
import { normaliseValue } from './find-evidence';
import type { Knobs } from './knobs';
import { SOURCES } from './reading-plan';

/** A file that was read and what it said. */
export interface Note {
  readonly path: string;
  readonly kind: FileKind;
  readonly evidence: readonly Evidence[];
}

/** Sets are united over the best kind of source; of single values the heaviest wins. */
export function concludeAnswer(
  type: QuestionType,
  knobs: Knobs,
  notes: readonly Note[],
): readonly string[] {
  const normalise = (value: string): string | null =>
    knobs.normalise === 'yes' ? normaliseValue(type, value) : value;
  const evidenceOf = (chosen: readonly Note[]): readonly Evidence[] =>
    chosen.flatMap((note) =>
      note.evidence.flatMap(({ value, weight }) => {
        const normal = normalise(value);
        return normal === null || normal === '' ? [] : [{ value: normal, weight }];
      }),
    );
  if (type === 'module_system') {
    const kinds = new Set(evidenceOf(notes).map(({ value }) => value));
    return kinds.size === 2 ? ['dual'] : [...kinds];
  }
  if (type === 'dependencies' || type === 'binaries') {
    const best = SOURCES[type].find((kind) =>
      notes.some((note) => note.kind === kind && note.evidence.length > 0),
    );
    return [...new Set(evidenceOf(notes.filter(({ kind }) => kind === best)).map((e) => e.value))];
  }
  const weights = new Map<string, number>();
  for (const { value, weight } of evidenceOf(notes)) {
    weights.set(value, (weights.get(value) ?? 0) + weight);
  }
  const [heaviest] = [...weights].sort((a, b) => b[1] - a[1]);
  return heaviest === undefined ? [] : [heaviest[0]];
}
