// `pnpm pack:packages [folder]`: builds, packs and checks the packages that other projects install. Their tarballs are then in the folder,
// and `npm install folder/*.tgz` installs them.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { build } from './build.mjs';
import { pnpm, run } from './command.mjs';

/**
 * @typedef {{ name: string, version: string, private?: boolean, exports: Exports, publishConfig?: { exports?: Exports } }} Manifest
 * @typedef {Record<string, Record<string, string>>} Exports
 * @typedef {{ folder: string, manifest: Manifest }} Package
 */

const SOURCE = 'errand-source';
const PUBLISHED = /^(README\.md|LICENSE|package\.json|dist\/.+\.(js|d\.ts))$/;
const TEST = /\.test\.|\/testing\//;
const root = dirname(import.meta.dirname);
const destination = resolve(process.argv[2] ?? join(root, 'tarballs'));
const published = readdirSync(join(root, 'packages'))
  .map((name) => join(root, 'packages', name))
  .filter((folder) => existsSync(join(folder, 'package.json')))
  .map((folder) => ({ folder, manifest: readManifest(folder) }))
  .filter(({ manifest }) => !manifest.private);

const built = await build({ names: published.map(({ manifest }) => manifest.name) });
if (!built.ok) fail(built.output);
mkdirSync(destination, { recursive: true });
for (const name of readdirSync(destination)) if (isEarlierTarball(name)) rmSync(join(destination, name));
const tarballs = await Promise.all(published.map(pack));
const faults = (await Promise.all(tarballs.map(lint))).flat();
if (faults.length > 0) fail(faults.join('\n'));
for (const tarball of tarballs) console.log(tarball);

/** @param {string} folder @returns {Manifest} */
function readManifest(folder) {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
}

/** Whether it is a tarball of one of the packages. The folder may contain other ones. @param {string} file */
function isEarlierTarball(file) {
  return published.some(({ manifest }) => file.startsWith(`${baseOf(manifest)}-`) && file.endsWith('.tgz'));
}

/** The start of the file name of a tarball. @param {Manifest} manifest */
function baseOf({ name }) {
  return name.replace('@', '').replace('/', '-');
}

/** @param {Package} pkg @returns {Promise<string>} the path of the tarball */
async function pack({ folder, manifest }) {
  prune(folder);
  const [command = '', ...args] = pnpm();
  const call = [...args, 'pack', '--pack-destination', destination];
  const { code, output } = await run(command, call, { cwd: folder });
  if (code !== 0) fail(`${manifest.name} could not be packed.\n${output}`);
  const tarball = join(destination, `${baseOf(manifest)}-${manifest.version}.tgz`);
  const list = await run('tar', ['-tzf', tarball]);
  const paths = list.output.split('\n').flatMap((path) => path.split('package/')[1] ?? []);
  const found = [...wrongExports(manifest), ...wrongFiles(paths)];
  if (found.length > 0) fail(found.map((fault) => `${manifest.name}: ${fault}`).join('\n'));
  return tarball;
}

/** Tests read sources by a condition of `exports` that must not be published. @param {Manifest} manifest @returns {string[]} */
function wrongExports({ exports, publishConfig }) {
  const withoutSource = Object.entries(exports).map(([entry, { [SOURCE]: _, ...targets }]) => [entry, targets]);
  return JSON.stringify(Object.fromEntries(withoutSource)) === JSON.stringify(publishConfig?.exports)
    ? []
    : [`publishConfig.exports in package.json must be exports without "${SOURCE}".`];
}

/** @param {string[]} paths of the packed files @returns {string[]} */
function wrongFiles(paths) {
  const missing = ['README.md', 'LICENSE', 'package.json'].filter((name) => !paths.includes(name));
  return [
    ...missing.map((name) => `the tarball has no ${name}.`),
    ...paths
      .filter((path) => !PUBLISHED.test(path) || TEST.test(path))
      .map((path) => `${path} must not be published; see "files" in package.json.`),
  ];
}

/** Deletes files of earlier builds, which the compiler leaves and turbo restores. @param {string} folder */
function prune(folder) {
  for (const path of readdirSync(join(folder, 'dist'), { recursive: true, encoding: 'utf8' })) {
    const source = join(folder, 'src', path).replace(/(\.d\.ts|\.js)$/, '');
    const hasSource = ['', '.ts', '.tsx'].some((extension) => existsSync(source + extension));
    if (!hasSource) rmSync(join(folder, 'dist', path), { recursive: true, force: true });
  }
}

/** @param {string} tarball @returns {Promise<string[]>} the complaints of publint and attw */
async function lint(tarball) {
  const calls = [
    ['publint', 'run', '--strict', tarball],
    ['attw', '--profile', 'esm-only', '--no-definitely-typed', '--no-color', '--no-emoji', tarball],
  ];
  const outcomes = await Promise.all(calls.map(([command = '', ...args]) => run(command, args)));
  return outcomes.flatMap(({ code, output }) => (code === 0 ? [] : [output]));
}

/** @param {string} message @returns {never} */
function fail(message) {
  console.error(message);
  process.exit(1);
}
