import type { Note } from './conclude-answer';
import { concludeAnswer } from './conclude-answer';
import type { QuestionType } from './evaluate';
import { findEvidence, kindOfFile } from './find-evidence';
import type { Knobs } from './knobs';
import type { PackageTools } from './package-tools';
import {
  folderRank,
  needsManyFiles,
  planReading,
  searchText,
  SOURCES,
  USUAL_FILES,
} from './reading-plan';

/** What the agent is told: neither the right answer nor the manifest. */
export interface AgentQuestion {
  readonly type: QuestionType;
  readonly text: string;
  readonly packageName: string;
}

/**
 * Answers a question about a package from its files: opens files by their usual names, lists and
 * reads folder after folder until it has seen enough, searches when there was nothing fit to read,
 * and answers with what the texts speak for. An empty list is "I do not know".
 */
export async function answerQuestion(
  question: AgentQuestion,
  knobs: Knobs,
  tools: PackageTools,
): Promise<readonly string[]> {
  const reader = createReader(question, knobs, tools);
  const [bestKind] = SOURCES[question.type];
  for (const kind of new Set([knobs.first_file, bestKind])) {
    for (const path of USUAL_FILES[kind]) {
      if (reader.hasEnough() || (await reader.read(path))) break;
    }
  }
  await readFolders(question, tools, reader);
  if (!reader.notes.some(({ kind }) => kind === bestKind)) {
    const result = await tools.search(searchText(question.type, knobs.scan));
    if (result.status === 'ok') reader.notes.push(...notesOfSearch(question, knobs, result.text));
  }
  return concludeAnswer(question.type, knobs, reader.notes);
}

interface Reader {
  readonly notes: Note[];
  /** Whether the file could be read; one that was read before is not read again. */
  read(path: string): Promise<boolean>;
  hasEnough(): boolean;
}

/** Files of the best kind that are enough, where the answer stands in one file and where it is spread. */
const ENOUGH_FILES: Readonly<
  Record<Knobs['effort'], { readonly oneFile: number; readonly manyFiles: number }>
> = {
  stop_early: { oneFile: 1, manyFiles: 2 },
  verify: { oneFile: 4, manyFiles: 32 },
};

function createReader(question: AgentQuestion, knobs: Knobs, tools: PackageTools): Reader {
  const notes: Note[] = [];
  const [bestKind] = SOURCES[question.type];
  const enough = ENOUGH_FILES[knobs.effort][bestKind === 'code' ? 'manyFiles' : 'oneFile'];
  return {
    notes,
    async read(path) {
      if (notes.some((note) => note.path === path)) return true;
      const result = await tools.readFile(path, knobs.window);
      if (result.status === 'ok') notes.push(noteOf(question, knobs, path, result.text));
      return result.status === 'ok';
    },
    hasEnough: () => notes.filter(({ kind }) => kind === bestKind).length >= enough,
  };
}

/** Folders that one run may list. */
const FOLDER_BUDGET = 3;

async function readFolders(
  question: AgentQuestion,
  tools: PackageTools,
  reader: Reader,
): Promise<void> {
  const folders = ['.'];
  const budget = needsManyFiles(question.type) ? FOLDER_BUDGET : 1;
  for (let listed = 0; listed < budget && !reader.hasEnough(); listed += 1) {
    const folder = folders.shift();
    if (folder === undefined) return;
    const listing = await tools.listFiles(folder);
    if (listing.status !== 'ok') continue;
    const plan = planReading(question.type, question.packageName, folder, listing.text);
    for (const path of plan.files) {
      if (reader.hasEnough()) break;
      await reader.read(path);
    }
    folders.push(...plan.folders);
    folders.sort((a, b) => folderRank(a) - folderRank(b));
  }
}

function noteOf(question: AgentQuestion, knobs: Knobs, path: string, text: string): Note {
  const { type, packageName } = question;
  return {
    path,
    kind: kindOfFile(path),
    evidence: findEvidence(type, { path, text }, packageName, knobs.scan),
  };
}

/** Each line of a search result is a small text of its own file. */
function notesOfSearch(question: AgentQuestion, knobs: Knobs, lines: string): readonly Note[] {
  return lines.split('\n').flatMap((line) => {
    const [, path, text] = /^(.+?):\d+: (.*)$/.exec(line) ?? [];
    return path === undefined || text === undefined ? [] : [noteOf(question, knobs, path, text)];
  });
}
