// The names of the settings, without the code that reads them.
import { editDistance } from '@errand/basics/edit-distance';
import { callerNames, declarations } from './settings.ts';

export const settingNames: readonly string[] = declarations.map(({ name }) => name);

/** The value of ERRAND_DATA_DIR for a service without a data folder. */
export const NO_DATA_DIR = 'none';

/** Whether it is a setting, or a variable of programs that call Errand. */
export const isKnownName = (name: string): boolean => settingNames.includes(name) || callerNames.includes(name);

/** The maximum number of changed letters of a name that is still suggested. */
const MAX_EDITS = 3;

/** The setting with the most similar name; undefined if none is similar. */
export function similarSetting(unknown: string): string | undefined {
  const scored = settingNames.map((name) => ({ name, edits: editDistance(unknown.toUpperCase(), name) }));
  const best = scored.reduce((least, each) => (each.edits < least.edits ? each : least));
  return best.edits <= MAX_EDITS ? best.name : undefined;
}

/** The sentence after "is not a setting". */
export function adviceFor(unknown: string): string {
  const similar = similarSetting(unknown);
  return similar === undefined ? 'docs/settings.md lists the settings.' : `Did you mean ${similar}?`;
}
