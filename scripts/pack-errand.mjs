// `pnpm pack:errand [folder]`: builds the package `errand`, the service with everything that it needs, and writes its tarball to the folder.
// `npm install folder/errand-1.2.3.tgz` installs it on a machine without the repository.
import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { build } from './build.mjs';
import { cache, run } from './command.mjs';
import { bundlePrograms } from './package/bundle.mjs';
import { faultsOf } from './package/check.mjs';
import { createManifest } from './package/manifest.mjs';
import { isModuleList, writeBill } from './package/write-bill.mjs';

const root = dirname(import.meta.dirname);
const destination = resolve(process.argv[2] ?? join(root, 'tarballs'));
const folder = join(cache, `package-${process.pid}`);

process.exitCode = await pack().then(
  (tarball) => {
    console.log(tarball);
    return 0;
  },
  (error) => {
    console.error(error.message);
    return 1;
  },
);
rmSync(folder, { recursive: true, force: true });

/** @returns the path of the tarball */
async function pack() {
  // The build makes the console, the document, the catalogue and the Prisma client. The bundle is made from the sources.
  const built = await build({ names: ['@errand/cli', '@errand/console'] });
  if (!built.ok) throw new Error(built.output);
  const manifest = createManifest();
  const { outside, modules } = await bundlePrograms(join(folder, 'app'));
  copyFiles();
  const billFaults = await writeBill({ folder, manifest, modules });
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  chmodSync(join(folder, manifest.bin.errand), 0o755);
  mkdirSync(destination, { recursive: true });
  const { code, output } = await run('npm', ['pack', '--ignore-scripts', '--pack-destination', destination], {
    cwd: folder,
  });
  if (code !== 0) throw new Error(output);
  const tarball = join(destination, `${manifest.name}-${manifest.version}.tgz`);
  const list = await run('tar', ['-tzf', tarball]);
  const paths = list.output.split('\n').flatMap((path) => (path === '' ? [] : [path.replace(/^package\//, '')]));
  const faults = [...faultsOf({ tarball, folder, paths, outside, manifest }), ...billFaults];
  if (faults.length === 0) return tarball;
  rmSync(tarball);
  throw new Error(faults.join('\n'));
}

/** Copies the files that the programs read, to the same paths as in the repository. */
function copyFiles() {
  const app = join(folder, 'app');
  const copied = [
    'apps/console/dist',
    'apps/demo/data',
    'packages/api/dist/openapi.json',
    'packages/api/dist/reference.js',
    'packages/catalog/dist/catalog.json.gz',
    'prisma/migrations',
  ];
  for (const path of copied)
    cpSync(join(root, path), join(app, path), { recursive: true, filter: (file) => !isModuleList(file) });
  for (const path of ['packages/api/package.json', 'packages/db/package.json']) {
    const { name, version } = JSON.parse(readFileSync(join(root, path), 'utf8'));
    mkdirSync(dirname(join(app, path)), { recursive: true });
    writeFileSync(join(app, path), JSON.stringify({ name, version, type: 'module' }));
  }
  const docs = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' });
  for (const path of docs.filter((name) => name.endsWith('.md')))
    cpSync(join(root, 'docs', path), join(folder, 'docs', path));
  cpSync(join(root, 'LICENSE'), join(folder, 'LICENSE'));
  const readme = readFileSync(join(root, 'docs/install.md'), 'utf8');
  writeFileSync(join(folder, 'README.md'), readme.replaceAll(/\]\((?!https?:|#|\.\.)/g, '](docs/'));
}
