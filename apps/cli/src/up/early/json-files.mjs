import { readFileSync, renameSync, writeFileSync } from 'node:fs';

/** The content of a JSON file; undefined if it cannot be read. @param {string} path */
export function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

/** Writes a JSON file that only this user can read. @param {string} path @param {unknown} value */
export function writePrivately(path, value) {
  writeFileSync(`${path}.part`, `${JSON.stringify(value)}\n`, { mode: 0o600 });
  renameSync(`${path}.part`, path);
}
