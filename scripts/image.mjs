// `pnpm image [folder]`: builds the image of the service with buildah, and writes it as an OCI archive to the folder, with its bill of
// materials beside it. It needs no container engine. docs/containers.md has the rest.
import {
  chmodSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { cache, run } from './command.mjs';
import { debianPackages, makeBase } from './image/base.mjs';
import { imageBillText } from './image/bill.mjs';
import { checkTools, has, must } from './image/tools.mjs';
import { nodeOf } from './node-of.mjs';
import { schemaFaults } from './package/bill.mjs';
import { sourceTime } from './source-time.mjs';

const NODE = '24.21.0';
const MAX_BYTES = 175_000_000;
const root = dirname(import.meta.dirname);
const deploy = join(root, 'deploy', 'image');
const destination = resolve(process.argv[2] ?? join(root, 'tarballs'));
const work = join(cache, `image-${process.pid}`);
const context = join(work, 'context');

// The user of the image must be able to read the files, whatever the umask of this user is.
process.umask(0o022);
await removeLeftovers();

process.exitCode = await makeImage().then(
  (lines) => {
    console.log(lines.join('\n'));
    return 0;
  },
  (error) => {
    console.error(error.message);
    return 1;
  },
);
await remove(work);

/** @returns {Promise<string[]>} the path of the archive, its digest and its size */
async function makeImage() {
  await checkTools();
  mkdirSync(context, { recursive: true });
  const time = sourceTime();
  const { version } = await addPackage();
  const node = await addNode();
  const base = join(context, 'base.tar');
  await makeBase(base, time);
  const bill = imageBillText({
    text: readFileSync(join(context, 'errand/usr/lib/errand/bill-of-materials.json'), 'utf8'),
    node,
    debian: await debianPackages(base),
  });
  const faults = await schemaFaults(bill);
  if (faults.length > 0) throw new Error(faults.join('\n'));
  mkdirSync(join(context, 'errand/usr/share/sbom'), { recursive: true });
  writeFileSync(join(context, 'errand/usr/share/sbom/errand.cdx.json'), bill);
  const bytes = (await bytesOfTar(base)) + bytesIn(join(context, 'node')) + bytesIn(join(context, 'errand'));
  if (bytes > MAX_BYTES) throw new Error(`The image has ${bytes} bytes unpacked; ${MAX_BYTES} are allowed.`);
  mkdirSync(destination, { recursive: true });
  writeFileSync(join(destination, `errand-${version}-image.cdx.json`), bill);
  const archive = join(destination, `errand-${version}-image.tar`);
  const digest = await buildArchive(archive, version, time);
  const size = `${megabytes(bytes)} unpacked, ${megabytes(statSync(archive).size)} as a file`;
  return [archive, digest, size];
}

/** Unpacks the package `errand` and adds the program of the image. */
async function addPackage() {
  const output = await must(process.execPath, [join(import.meta.dirname, 'pack-errand.mjs'), work]);
  const tarball = output.split('\n').at(-1) ?? '';
  const folder = join(context, 'errand/usr/lib/errand');
  mkdirSync(folder, { recursive: true });
  await must('tar', ['-xzf', tarball, '-C', folder, '--strip-components=1', '--no-same-owner']);
  cpSync(join(deploy, 'errand.mjs'), join(folder, 'errand.mjs'));
  chmodSync(join(folder, 'errand.mjs'), 0o755);
  mkdirSync(join(context, 'errand/usr/bin'));
  symlinkSync('../lib/errand/errand.mjs', join(context, 'errand/usr/bin/errand'));
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
}

/** Adds Node without its npm and headers, stripped of its symbols. @returns the path of the binary */
async function addNode() {
  const binary = await nodeOf(NODE);
  const installed = join(context, 'node/usr/bin/node');
  const notices = join(context, 'node/usr/share/doc/node');
  for (const folder of [dirname(installed), notices]) mkdirSync(folder, { recursive: true });
  if (await has('strip')) await must('strip', ['-o', installed, binary]);
  else cpSync(binary, installed);
  chmodSync(installed, 0o755);
  const distribution = join(dirname(binary), '..', 'node_modules', `node-linux-${process.arch}`);
  cpSync(join(distribution, 'LICENSE'), join(notices, 'LICENSE'));
  return installed;
}

/** @param {string} archive @param {string} version @param {Date} time @returns {Promise<string>} the digest of the image */
async function buildArchive(archive, version, time) {
  const image = `errand:${version}`;
  const seconds = String(time.getTime() / 1000);
  const { code, output: revision } = await run('git', ['rev-parse', 'HEAD']);
  const labels = { VERSION: version, REVISION: code === 0 ? revision.trim() : '', CREATED: time.toISOString() };
  await buildah('build', [
    ...['--isolation', 'chroot', '--layers', '--timestamp', seconds, '--format', 'oci', '--tag', image],
    ...Object.entries(labels).flatMap(([name, value]) => ['--build-arg', `${name}=${value}`]),
    ...['--file', join(deploy, 'Containerfile'), context],
  ]);
  rmSync(archive, { force: true });
  const digestFile = join(work, 'digest');
  await buildah('push', ['--digestfile', digestFile, image, `oci-archive:${archive}:${image}`]);
  return readFileSync(digestFile, 'utf8').trim();
}

/** Runs buildah with a storage of its own, so that nothing stays on the machine. @param {string} command @param {string[]} args */
function buildah(command, args) {
  const storage = ['--storage-driver', 'vfs', '--root', join(work, 'storage'), '--runroot', join(work, 'run')];
  return must('buildah', [...storage, command, ...args]);
}

/** Removes the folders of builds that were killed: the number in the name is the pid. */
async function removeLeftovers() {
  mkdirSync(cache, { recursive: true });
  for (const name of readdirSync(cache)) {
    const [, pid] = /^image-(\d+)$/.exec(name) ?? [];
    if (pid !== undefined && !isAlive(Number(pid))) await remove(join(cache, name));
  }
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM';
  }
}

/** @param {string} folder */
async function remove(folder) {
  // Files of other users in the storage can only be removed inside the user namespace of buildah.
  if (process.getuid?.() !== 0) await run('buildah', ['unshare', 'rm', '-rf', folder]);
  rmSync(folder, { recursive: true, force: true });
}

/** @param {string} tar */
async function bytesOfTar(tar) {
  const list = await must('tar', ['--numeric-owner', '-tvf', tar]);
  return list.split('\n').reduce((sum, line) => sum + (line.startsWith('-') ? Number(line.split(/\s+/)[2]) : 0), 0);
}

/** @param {string} folder @returns {number} the sizes of its files */
function bytesIn(folder) {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files.reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}

/** @param {number} bytes */
function megabytes(bytes) {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
