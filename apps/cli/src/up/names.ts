// Names that begin with ERRAND_ in the environment and in files.
import { adviceFor, isKnownName, settingNames, similarSetting } from '@errand/server/setting-names';
import type { SettingsFiles } from './early/settings-files.mjs';

/** An environment for the service, without names that begin with ERRAND_ and are no settings: it would refuse them. */
export const settingsAlone = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(
    Object.entries(env).filter(([name]) => !name.startsWith('ERRAND_') || settingNames.includes(name)),
  );

/**
 * Finds misspelt settings. `.env` may have names of the product: unless they are similar to a setting, they only cause a warning.
 * @throws Error with the name and a suggestion
 */
export function checkNames({ origins }: SettingsFiles, warn: (text: string) => void): void {
  for (const { name, file } of origins) {
    if (isKnownName(name)) continue;
    const isConfig = file?.endsWith('.json') ?? false;
    if (!isConfig && !name.startsWith('ERRAND_')) continue;
    const nameAndFile = file === undefined ? name : `${name} in ${file}`;
    const sentence = `${nameAndFile} is not a setting of Errand. ${adviceFor(name)}`;
    if (file === undefined || isConfig || similarSetting(name)) throw new Error(sentence);
    warn(`${sentence} It is ignored.`);
  }
}
