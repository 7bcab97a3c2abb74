import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { sourceTime } from '../source-time.mjs';
import { billText, licenseFaults, noticesText, npmComponent, schemaFaults, unlisted } from './bill.mjs';
import { absolute, installed, packagesOf } from './packages.mjs';

const root = dirname(dirname(import.meta.dirname));
const consoleDist = join(root, 'apps', 'console', 'dist');
/** Packages of which the build copies files: the script of the API reference, and the styles of the console. */
const copied = [installed('@scalar/fastify-api-reference', 'packages/api'), installed('tailwindcss', 'apps/console')];

/** Whether a file is a list of the modules of the console, which its build writes. @param {string} path */
export const isModuleList = (path) => /\/\.vite\/modules[\w-]*\.json$/.test(path);

/** @returns {string[]} the ids of the modules of the console */
function consoleModules() {
  const lists = readdirSync(join(consoleDist, '.vite'))
    .map((name) => join(consoleDist, '.vite', name))
    .filter(isModuleList);
  if (lists.length < 2) throw new Error(`${consoleDist} has no lists of modules. Build the console again.`);
  return lists.flatMap((path) => JSON.parse(readFileSync(path, 'utf8')).map(absolute));
}

/**
 * Writes the bill of materials and the notices into the folder of the package.
 * @param {object} packed
 * @param {string} packed.folder
 * @param {{ name: string, version: string }} packed.manifest
 * @param {readonly string[]} packed.modules the ids of the modules of the programs
 * @returns {Promise<string[]>} faults, as sentences
 */
export async function writeBill({ folder, manifest, modules }) {
  const ids = [...modules, ...consoleModules()];
  const packages = packagesOf(ids, copied);
  const text = billText({ ...manifest, time: sourceTime(), type: 'application' }, packages.map(npmComponent));
  writeFileSync(join(folder, 'bill-of-materials.json'), text);
  writeFileSync(join(folder, 'THIRD-PARTY-NOTICES'), noticesText(packages));
  return [...(await schemaFaults(text)), ...unlisted(JSON.parse(text), ids), ...licenseFaults(packages)];
}
