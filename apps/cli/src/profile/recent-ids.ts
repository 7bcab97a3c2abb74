// The ids that commands printed last, so that a person can shorten them.
import { usageFailure } from '../outcome/failure.ts';
import { readOwnFile, writeOwnFile } from './profile-file.ts';

const MAX_IDS = 100;
/** Longer texts are no ids of Errand, and would fill the file. */
const MAX_ID_CHARACTERS = 255;
/** Fewer characters would often fit several ids. */
const MIN_CHARACTERS = 4;
const UUID = /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

type Recent = { lastRun?: string; ids: readonly string[] };

export type RecentIds = {
  /** Remembers ids, the newest first. `lastRun` becomes `@last`. */
  remember(ids: readonly string[], lastRun?: string): void;
  /** @returns the id that a person shortened to its beginning or end, or the run of `@last` */
  resolve(text: string): string;
  /** Forgets all ids, because another service has others. */
  forget(): void;
};

/** @param profileName the name of the profile, of which a file in `folder` is named */
export function recentIds(folder: string, profileName: string): RecentIds {
  const name = `recent-${profileName}.json`;
  return {
    remember(ids, lastRun) {
      const recent = read(`${folder}/${name}`);
      const next: Recent = {
        lastRun: lastRun !== undefined && isShort(lastRun) ? lastRun : recent.lastRun,
        ids: [...new Set([...ids, ...(lastRun ? [lastRun] : []), ...recent.ids])].filter(isShort).slice(0, MAX_IDS),
      };
      try {
        writeOwnFile(folder, name, JSON.stringify(next));
      } catch {
        // A folder that cannot be written, as of a container, only costs the short ids.
      }
    },
    resolve(text) {
      if (UUID.test(text)) return text.toLowerCase();
      const { lastRun, ids } = read(`${folder}/${name}`);
      if (text === '@last') {
        if (lastRun) return lastRun;
        throw usageFailure('There is no last run yet.', 'Give the id of a run; errand runs lists them.');
      }
      return idLike(text, ids);
    },
    forget() {
      writeOwnFile(folder, name, JSON.stringify({ ids: [] }));
    },
  };
}

const isShort = (id: string): boolean => id.length <= MAX_ID_CHARACTERS;

function idLike(text: string, ids: readonly string[]): string {
  const part = text.toLowerCase();
  const matches = ids.filter((id) => id.startsWith(part) || id.endsWith(part));
  if (part.length < MIN_CHARACTERS)
    throw usageFailure(
      `"${text}" is too short for an id.`,
      `Give at least ${MIN_CHARACTERS} characters of it, or @last.`,
    );
  if (matches.length === 0)
    throw usageFailure(`"${text}" is not one of the last ${MAX_IDS} ids.`, 'Give the whole id.');
  if (matches.length > 1)
    throw usageFailure(`"${text}" fits ${matches.length} ids: ${matches.slice(0, 5).join(', ')}.`, 'Give more of it.');
  return matches[0]!;
}

function read(path: string): Recent {
  try {
    const { lastRun, ids } = JSON.parse(readOwnFile(path) ?? '{}') as Partial<Recent>;
    return { lastRun: typeof lastRun === 'string' ? lastRun : undefined, ids: Array.isArray(ids) ? ids : [] };
  } catch {
    return { ids: [] };
  }
}
