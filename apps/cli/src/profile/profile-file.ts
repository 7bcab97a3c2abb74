// The profiles: for each its service and its key, in one file that only its owner may read.
import { chmodSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../outcome/failure.ts';

export type Profile = {
  /** Where Errand is. The key is never sent to another origin. */
  url: string;
  apiKey: string;
};

export type Profiles = { current?: string; profiles: Record<string, Profile> };

const OWNER_ONLY = 0o600;

export const profilePath = (configDir: string): string => join(configDir, 'profiles.json');

export function readProfiles(configDir: string): Profiles {
  const text = readOwnFile(profilePath(configDir));
  if (text === undefined) return { profiles: {} };
  const { current, profiles } = parse(text, profilePath(configDir)) as Partial<Profiles>;
  return { current, profiles: profiles ?? {} };
}

export const writeProfiles = (configDir: string, profiles: Profiles): void =>
  writeOwnFile(configDir, 'profiles.json', `${JSON.stringify(profiles, undefined, 2)}\n`);

/** @returns the text of a file, after its mode was restricted to its owner; undefined if there is none */
export function readOwnFile(path: string): string | undefined {
  try {
    if (process.platform !== 'win32' && (statSync(path).mode & 0o077) !== 0) chmodSync(path, OWNER_ONLY);
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new Failure(`${path} cannot be read: ${(error as Error).message}.`, { cause: error });
  }
}

/** Replaces a file at once, so that a reader never finds half of it. */
export function writeOwnFile(folder: string, name: string, text: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const temporary = join(folder, `.${name}.${process.pid}`);
  writeFileSync(temporary, text, { mode: OWNER_ONLY });
  renameSync(temporary, join(folder, name));
}

export function parse(text: string, path: string): object {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value;
  } catch {
    // The message below names the file.
  }
  throw new Failure(`${path} is not JSON.`, { remedy: 'Delete it, and run errand login.' });
}
