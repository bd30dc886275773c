import { InputError, NotFoundError } from '../errors';
import type { ConfigurationVersion } from '../model/adaptation';
import type { Clock } from '../model/ports';
import type {
  AdaptationBook,
  ConfigurationBook,
  ConfigurationDesk,
} from '../model/ports-adaptation';
import { compareConfigurations, configurationVersion } from './configuration-version';

/** The audit subject of what is in force. */
const subject = { kind: 'configuration', id: 'current' } as const;

export function createConfigurations(
  book: ConfigurationBook & Pick<AdaptationBook, 'readAudit'>,
  clock: Clock,
): ConfigurationDesk {
  const get = (id: string): Promise<ConfigurationVersion> => find(book, id);
  return {
    get,
    async record(config, { actor, label = null, parentId = null }) {
      requireActor(actor);
      const parent = parentId === null ? null : (await get(parentId)).id;
      const createdAtUnixNano = clock.nowUnixNano();
      const made = configurationVersion(config, {
        actor,
        label,
        parentId: parent,
        createdAtUnixNano,
      });
      await book.storeConfigurationVersion(made);
      return get(made.id);
    },
    list: (page) => book.listConfigurationVersions(page),
    async compare(before, after) {
      const [a, b] = await Promise.all([get(before), get(after)]);
      return compareConfigurations(a.config, b.config);
    },
    async current() {
      const id = await book.getCurrentConfiguration();
      return id === null ? null : get(id);
    },
    async restore(id, actor, reason) {
      requireActor(actor);
      const version = await get(id);
      const before = await book.getCurrentConfiguration();
      const atUnixNano = clock.nowUnixNano();
      const audit = { subject, atUnixNano, actor, from: before, to: version.id, reason };
      await book.setCurrentConfiguration(version.id, { ...audit, evidence: {} });
      return version;
    },
    history: () => book.readAudit(subject),
  };
}

async function find(book: ConfigurationBook, id: string): Promise<ConfigurationVersion> {
  const exact = await book.getConfigurationVersion(id);
  if (exact !== null) return exact;
  const [found, other] = /^[0-9a-f]{4,63}$/.test(id) ? await findByPrefix(book, id) : [];
  if (found === undefined) {
    throw new NotFoundError(
      `There is no configuration version ${JSON.stringify(id.slice(0, 100))}.`,
    );
  }
  if (other !== undefined) {
    throw new InputError(`Several configuration versions begin with ${id}.`, {
      code: 'ambiguous',
      hint: 'Give more characters.',
    });
  }
  return found;
}

/** At most a page beyond the second: more than one is refused. */
async function findByPrefix(
  book: ConfigurationBook,
  prefix: string,
): Promise<readonly ConfigurationVersion[]> {
  const found: ConfigurationVersion[] = [];
  let cursor: string | undefined;
  do {
    const page = await book.listConfigurationVersions({ limit: 1_000, cursor });
    found.push(...page.items.filter((one) => one.id.startsWith(prefix)));
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined && found.length < 2);
  return found;
}

function requireActor(actor: string): void {
  if (actor.trim() === '')
    throw new InputError('configuration: say who acts (actor), got nothing.');
}
