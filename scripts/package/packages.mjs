// The npm packages of which a bundle has modules.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(import.meta.dirname));
const MODULES = '/node_modules/';
/** Modules that a bundler makes: its own helpers, and the helpers of the plugins of this repository. */
const MADE_BY = { '\0rolldown/': 'rolldown', '\0vite/': 'vite' };
const OWN = new Set(['\0cosmiconfig']);
const LICENSE_FILE = /^(licen[cs]e|copying|notice|copyright)(?![a-z])/i;

/**
 * @typedef {object} NpmPackage
 * @property {string} name
 * @property {string} version
 * @property {string} license an SPDX expression or a name, by its manifest
 * @property {string[]} texts of the files with its licence and notices
 */

/**
 * The folder of the package to which a module belongs.
 * @param {string} id of the module
 * @returns {string | undefined} undefined for a module of this repository
 * @throws Error if it belongs to neither
 */
export function folderOf(id) {
  const path = id.replace(/\?.*$/s, '');
  const start = path.lastIndexOf(MODULES) + MODULES.length;
  const [name] = /^(@[^/]+\/)?[^/]+/.exec(path.slice(start)) ?? [];
  if (start >= MODULES.length && name) return path.slice(path.startsWith('\0') ? 1 : 0, start) + name;
  const maker = Object.entries(MADE_BY).find(([prefix]) => path.startsWith(prefix));
  if (maker) return installed(maker[1], path.startsWith('\0vite/') ? 'apps/console' : '.');
  if (OWN.has(path) || path.startsWith(`${root}/`)) return undefined;
  throw new Error(`The module ${JSON.stringify(id)} belongs to no npm package and not to this repository.`);
}

/** The folder of a package that a folder of the repository depends on. @param {string} name @param {string} from */
export function installed(name, from) {
  const folder = join(root, from, 'node_modules', name);
  if (!existsSync(folder)) throw new Error(`${name} is not installed in ${from}.`);
  return folder;
}

/** @param {string} folder @returns {NpmPackage} */
export function readPackage(folder) {
  const { name, version, license, licenses } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const files = readdirSync(folder, { withFileTypes: true }).filter(
    (entry) => entry.isFile() && LICENSE_FILE.test(entry.name) && !/\.[cm]?[jt]s$/.test(entry.name),
  );
  const stated =
    license?.type ?? license ?? licenses?.map((/** @type {{ type: string }} */ each) => each.type).join(' OR ');
  return {
    name,
    version,
    license: stated || 'NOASSERTION',
    texts: files.map((entry) => readFileSync(join(folder, entry.name), 'utf8').replaceAll('\r\n', '\n').trim()).sort(),
  };
}

/**
 * The packages of modules, without doubles, by name and version.
 * @param {readonly string[]} ids
 * @param {readonly string[]} folders of packages of which files are copied
 */
export function packagesOf(ids, folders = []) {
  const all = new Set([...folders, ...ids.flatMap((id) => folderOf(id) ?? [])]);
  const byId = new Map([...all].map((folder) => readPackage(folder)).map((each) => [idOf(each), each]));
  return [...byId.values()].sort((a, b) => (idOf(a) < idOf(b) ? -1 : 1));
}

/** @param {Pick<NpmPackage, 'name' | 'version'>} npmPackage */
export const idOf = ({ name, version }) => `${name}@${version}`;

/** The absolute id of a module that a bundle names relative to the repository. @param {string} path */
export const absolute = (path) => (path.startsWith('\0') ? path : fileURLToPath(new URL(path, `file://${root}/`)));
