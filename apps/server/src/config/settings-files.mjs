// The settings of `errand up` and `pnpm start`, from the environment, `.env` and `errand.config.json`. docs/settings.md describes the order.
import { closeSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';

const CONFIG_FILE = 'errand.config.json';
const ENV_FILE = '.env';
const MAX_BYTES = 1_000_000;

/**
 * Settings by their names. A later file has priority over an earlier one, and the environment over both.
 * @typedef {object} SettingsFiles
 * @property {NodeJS.ProcessEnv} values the environment with the settings of the files
 * @property {{ name: string, file: string | undefined }[]} origins each name that the files or the environment set to a value; the file is
 * undefined for the environment
 */

/**
 * Reads the files of a folder.
 * @param {string} folder
 * @param {NodeJS.ProcessEnv} env
 * @returns {SettingsFiles}
 * @throws Error if a file cannot be read
 */
export function readSettings(folder, env) {
  const configFile = join(folder, CONFIG_FILE);
  const envFile = join(folder, ENV_FILE);
  const sources = [
    { file: configFile, values: readConfigFile(configFile) },
    { file: envFile, values: readEnvFile(envFile) },
    // Empty variables count as not set.
    { file: undefined, values: Object.fromEntries(Object.entries(env).filter(([, value]) => value)) },
  ];
  return {
    values: Object.assign({}, ...sources.map(({ values }) => values)),
    origins: sources.flatMap(({ file, values }) => Object.keys(values).map((name) => ({ name, file }))),
  };
}

/**
 * `.env` of a product has settings of the product, such as its own DATABASE_URL. Only names that begin with ERRAND_ are Errand's.
 * @param {string} path
 */
function readEnvFile(path) {
  const text = readIfPresent(path);
  const values = /** @type {Record<string, string>} */ (text === undefined ? {} : parseEnv(text));
  return Object.fromEntries(Object.entries(values).filter(([name, value]) => name.startsWith('ERRAND_') && value));
}

/** @param {string} path @returns {Record<string, string>} */
function readConfigFile(path) {
  const text = readIfPresent(path);
  if (text === undefined) return {};
  const config = parseJson(text, path);
  if (typeof config !== 'object' || config === null || Array.isArray(config))
    throw new Error(`${path} must be an object of settings, such as { "PORT": 4100 }.`);
  return Object.fromEntries(
    Object.entries(config)
      .filter(([name, value]) => name !== '$schema' && value !== null && value !== '')
      .map(([name, value]) => [name, typeof value === 'object' ? JSON.stringify(value) : String(value)]),
  );
}

/** @param {string} text @param {string} path @returns {unknown} */
function parseJson(text, path) {
  try {
    return JSON.parse(text);
  } catch {
    // The message of the parser quotes the text, which may contain passwords.
    throw new Error(`${path} is not valid JSON. Correct it, or move it away.`);
  }
}

/** @param {string} path */
function readIfPresent(path) {
  try {
    return readBounded(path).replace(/^\uFEFF/, '');
  } catch (error) {
    const { code, message } = /** @type {NodeJS.ErrnoException} */ (error);
    if (code === 'ENOENT') return undefined;
    if (code === undefined) throw error;
    throw new Error(`${path} cannot be read: ${message}. Correct its permissions, or move it away.`, { cause: error });
  }
}

/** A device or a pipe has no size before it is read. @param {string} path */
function readBounded(path) {
  const file = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(MAX_BYTES + 1);
    let length = 0;
    for (let read = 1; read > 0 && length < bytes.length; length += read)
      read = readSync(file, bytes, length, bytes.length - length, null);
    if (length > MAX_BYTES) throw new Error(`${path} is larger than ${MAX_BYTES} bytes.`);
    return bytes.toString('utf8', 0, length);
  } finally {
    closeSync(file);
  }
}
