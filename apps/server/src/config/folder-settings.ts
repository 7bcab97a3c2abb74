// The settings of the service that `errand up` starts in a folder. All commands that open its database or its data folder read them here.
import { adviceFor, isKnownName, similarSetting } from './names.ts';
import { readSettings, type SettingsFiles } from './settings-files.mjs';

export { readSettings, type SettingsFiles } from './settings-files.mjs';

/**
 * Reads the settings of a folder, and checks their names.
 * @throws Error if a file cannot be read, or a name is misspelt
 */
export function readFolderSettings(
  folder: string,
  env: NodeJS.ProcessEnv,
  warn: (text: string) => void,
): NodeJS.ProcessEnv {
  const settings = readSettings(folder, env);
  checkNames(settings, warn);
  return settings.values;
}

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
