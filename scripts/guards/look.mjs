import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { unexplainedChanges } from './contract.mjs';
import { staleFigures } from './evals.mjs';
import { incompatibleMigrations } from './last-release.mjs';
import { misplacedMigrations } from './migrations.mjs';
import { findStilted } from './prose.mjs';
import { rules } from './rules.mjs';
import { findRetired } from './words.mjs';

const generatedFolders = new Set([
  'node_modules',
  'dist',
  'generated',
  '.git',
  '.turbo',
  '.errand',
  'coverage',
  '__pycache__',
]);
/** The rules and their test faults contain the refused texts. */
const ruleFiles = /^scripts\/guards\/|^e2e\/guards\/plants\.txt$/;

/** @typedef {{ path: string, text: string }} File */

/**
 * Checks every file of the project against the rules.
 * @param {string} root
 * @returns {Record<string, string[]>} the faults by guard
 */
export function look(root) {
  const files = read(root).filter(({ path }) => !ruleFiles.test(path));
  const all = Object.entries(rules).map(([guard, list]) => [guard, list.flatMap((rule) => hold(rule, files))]);
  return {
    ...Object.fromEntries(all),
    words: files.flatMap(findRetired),
    prose: findStilted(files),
    evals: staleFigures(files),
    contract: unexplainedChanges(files),
    migrations: [...misplacedMigrations(files), ...incompatibleMigrations(files)],
  };
}

/** @param {import('./rules.mjs').Rule} rule @param {File[]} files */
const hold = ({ files: concerned, except, text: refused, say }, files) =>
  files.flatMap(({ path, text }) => {
    if (!concerned.test(path) || except?.test(path)) return [];
    if (!refused) return [`${path}: ${say}`];
    const match = refused.exec(text);
    if (!match) return [];
    const line = text.slice(0, match.index).split('\n').length;
    return [`${path}:${line}: ${match[0].replaceAll(/\s+/g, ' ').trim().slice(0, 80)}: ${say}`];
  });

/** @param {string} root @returns {File[]} every file of the project */
export const read = (root, folder = '') =>
  readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (generatedFolders.has(entry.name)) return [];
    if (entry.isDirectory()) return read(root, path);
    return entry.isFile() ? [{ path, text: readFileSync(join(root, path), 'utf8') }] : [];
  });
