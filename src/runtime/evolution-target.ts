import { readGuestEnvironment, readGuestSettings } from '../config';
import { parseDatabaseUrl } from '../database-url';
import { createSpanTracker, type Propagate } from '../instrumentation';
import type { SpanSink } from '../model/ports';
import type { RedactionHook } from '../model/span';
import { silenceNotices, type RecordingProcessor } from '../otel';
import { openEvolution, type EvolutionWithIngest } from './create-evolution';
import type { Evolution, FedEvolution } from './evolution';
import { createFeeds, type Feed, type Feeds } from './feeds';
import { createSpool, trackerOptionsFor, type Spool } from './guest-intake';
import { registerInstance } from './instance';
import { findPriorRuns } from './prior-runs';
import { keepAtProcessEnd } from './process-end';

/** Where the spans go: a database of its own, opened at the first write, or an opened instance. */
export type EvolutionTarget =
  | {
      /** `sqlite:PATH` or `postgres://…`. @defaultValue as configured, else `sqlite:./evolution.db` */
      readonly databaseUrl?: string | undefined;
      /** Keeps prompts, completions, tool arguments and results. @defaultValue as configured, else false */
      readonly captureContent?: boolean | undefined;
      /**
       * Your own redaction, before anything is stored; or the path of a module with one.
       * @defaultValue as configured, else none
       */
      readonly redact?: RedactionHook | string | undefined;
      /** Whether the ids of task and execution travel in Baggage. @defaultValue as configured, else `task` */
      readonly propagate?: Propagate | undefined;
    }
  | { readonly evolution: Evolution };

/** A target as its processor or exporter needs it. */
export interface OpenTarget {
  readonly sink: () => Promise<SpanSink>;
  readonly feeds: Feeds;
  readonly spool: Spool | null;
  readonly stallTimeoutMillis: number;
  /** Makes the target know its processor or exporter; once it exists. */
  readonly attach: (feed: Feed) => void;
  readonly close: () => Promise<void>;
}

/** A local file fails or answers; a database far away may do neither. */
const LOCAL_STALL_MILLIS = 5_000;
const REMOTE_STALL_MILLIS = 1_600;

/**
 * @param processor - Takes the tracker's spans where no provider brings them; `null` where only the opened
 * instance can.
 */
export function openTarget(
  target: EvolutionTarget,
  processor: RecordingProcessor | null,
): OpenTarget {
  const { stderr, disabled } = readGuestEnvironment();
  silenceNotices(!stderr);
  const open =
    'evolution' in target ? instanceTarget(target.evolution) : ownTarget(target, processor);
  return disabled ? { ...open, sink: nowhere } : open;
}

/** `EVOLUTION_DISABLED`: what comes all the same is let go. */
const nowhere = (): Promise<SpanSink> =>
  Promise.resolve({
    accept: ({ spans = [] }) =>
      Promise.resolve({ accepted: spans.length, duplicates: 0, refused: [] }),
  });

function instanceTarget(evolution: Evolution): OpenTarget {
  // Theirs is whatever `createEvolution` of this package, or of another copy of it in the process, has made.
  const { feeds, spool } = (evolution as FedEvolution).feeding;
  const attachment = attachTo(feeds);
  return {
    sink: () => Promise.resolve(evolution.sink),
    feeds,
    spool,
    stallTimeoutMillis: LOCAL_STALL_MILLIS,
    attach: attachment.attach,
    close() {
      attachment.leave();
      return Promise.resolve();
    },
  };
}

function ownTarget(
  options: Exclude<EvolutionTarget, { readonly evolution: Evolution }>,
  processor: RecordingProcessor | null,
): OpenTarget {
  // Here and not at the first write, so that a typing error is seen where it was made.
  if (options.databaseUrl !== undefined) parseDatabaseUrl(options.databaseUrl);
  const { databaseUrl: url, captureContent: capture, redact, propagate } = options;
  const given = { databaseUrl: url, captureContent: capture, redact, propagate };
  const settings = readGuestSettings(given);
  const { databaseUrl, captureContent } = settings;
  const feeds = createFeeds();
  let opened: EvolutionWithIngest | null = null;
  const { open, opening } = openedOnce(async () => {
    opened = await openEvolution(given, feeds);
    registration.replace({ tracker: opened.tracker, open });
    return opened;
  });
  const sink = async (): Promise<Evolution['sink']> => (await open()).sink;
  const { sendCarrier } = trackerOptionsFor({ feeds, processor: nobody, sink });
  const tracker = createSpanTracker({
    ...(processor === null ? { sendCarrier } : trackerOptionsFor({ feeds, processor, sink })),
    resolveSpanId: async (spanId) => (await open()).store.getSpan({ spanId }),
    findPriorRuns: async (taskId) => findPriorRuns((await open()).store, taskId),
    captureContent,
    propagate: settings.propagate,
    learn: async () => {
      await open();
      await opened?.autoLearning.learn();
    },
  });
  const registration = registerInstance({ tracker, open });
  const attachment = attachTo(feeds);
  return {
    sink,
    feeds,
    spool: createSpool(settings, () => opened?.ingest.settings.policy ?? null),
    stallTimeoutMillis:
      parseDatabaseUrl(databaseUrl).dialect === 'sqlite' ? LOCAL_STALL_MILLIS : REMOTE_STALL_MILLIS,
    attach: attachment.attach,
    async close() {
      registration.forget();
      attachment.leave();
      await tracker.background.settled();
      await (await opening())?.close();
    },
  };
}

/** A failed opening is tried again with the next write: the database may be back. */
function openedOnce(make: () => Promise<Evolution>): {
  open: () => Promise<Evolution>;
  /** What is under way or open; `null` before the first time, and after a failure. */
  opening: () => Promise<Evolution> | null;
} {
  let opening: Promise<Evolution> | null = null;
  const open = (): Promise<Evolution> => {
    opening ??= make().catch((error: unknown) => {
      opening = null;
      throw error;
    });
    return opening;
  };
  return { open, opening: () => opening };
}

const nobody: RecordingProcessor = { onStart: () => {}, onEnd: () => {} };

function attachTo(feeds: Feeds): { attach: (feed: Feed) => void; leave: () => void } {
  let leave = (): void => {};
  return {
    attach(feed) {
      const leaveInstance = feeds.add(feed);
      const leaveProcess = keepAtProcessEnd(feed);
      leave = () => {
        leaveInstance();
        leaveProcess();
      };
    },
    leave: () => leave(),
  };
}
