// The checks of the tarball of `errand`.
import { readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

const root = dirname(dirname(import.meta.dirname));
const MAX_TARBALL_BYTES = 7_000_000;
const ALLOWED =
  /^(package\.json|README\.md|LICENSE|THIRD-PARTY-NOTICES|bill-of-materials\.json|docs\/.+\.md|app\/(parts|apps|packages)\/.+\.(js|json|gz|html|css|svg|woff2)|app\/prisma\/migrations\/.+\.(sql|toml))$/;
const REQUIRED = [
  'README.md',
  'LICENSE',
  'THIRD-PARTY-NOTICES',
  'bill-of-materials.json',
  'docs/settings.md',
  'app/apps/cli/dist/main.js',
  'app/apps/server/dist/main.js',
  'app/apps/server/dist/planning/thread.js',
  'app/apps/demo/dist/main.js',
  'app/apps/demo/data/calendar.json',
  'app/apps/console/dist/index.html',
  'app/packages/api/dist/openapi.json',
  'app/packages/api/dist/reference.js',
  'app/packages/catalog/dist/catalog.json.gz',
  'app/packages/plan/dist/sandbox/child.js',
  'app/packages/integrations/dist/openapi/reader/child.js',
];

/**
 * The faults of a tarball, as sentences.
 * @param {object} packed
 * @param {string} packed.tarball its path
 * @param {string} packed.folder the folder from which it was packed
 * @param {readonly string[]} packed.paths of its files
 * @param {readonly string[]} packed.outside the packages that its programs import and it does not contain
 * @param {Record<string, unknown>} packed.manifest
 */
export function faultsOf({ tarball, folder, paths, outside, manifest }) {
  const { size } = statSync(tarball);
  const missing = REQUIRED.filter((path) => !paths.includes(path));
  const texts = paths.filter((path) => /\.(js|json|md|html)$/.test(path));
  const withRoot = texts.filter((path) => readFileSync(join(folder, path), 'utf8').includes(`${root}/`));
  return [
    ...(size > MAX_TARBALL_BYTES ? [`it has ${size} bytes; ${MAX_TARBALL_BYTES} are allowed.`] : []),
    ...('dependencies' in manifest ? ['it must have no dependencies.'] : []),
    ...(/"(workspace|catalog):/.test(JSON.stringify(manifest)) ? ['its manifest names the workspace.'] : []),
    ...outside.map((name) => `its programs import ${name}, which is not in the bundle.`),
    ...missing.map((path) => `${path} is missing.`),
    ...paths.filter((path) => !ALLOWED.test(path)).map((path) => `${path} does not belong in it.`),
    ...withRoot.map((path) => `${path} names a path of this machine.`),
  ];
}
