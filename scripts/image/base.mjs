// The Debian base of the image: the libraries that Node needs, certificates and time zones. No shell and no package manager.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { must } from './tools.mjs';

const SUITE = 'trixie';
const PACKAGES = ['base-files', 'libc6', 'libstdc++6', 'ca-certificates', 'tzdata'];
const hook = join(dirname(dirname(import.meta.dirname)), 'deploy', 'image', 'base-hook.sh');

/**
 * Writes the base as a tar file.
 * @param {string} file
 * @param {Date} time of everything in it
 */
export async function makeBase(file, time) {
  const { suite, sources } = debianOf('/');
  await must(
    'mmdebstrap',
    [
      ...['--variant=extract', `--include=${PACKAGES.join(',')}`, '--skip=output/dev,cleanup/apt', '--quiet'],
      `--extract-hook=${hook}`,
      ...[suite, file, ...sources],
    ],
    { env: { ...process.env, SOURCE_DATE_EPOCH: String(time.getTime() / 1000) } },
  );
}

/**
 * The release and the mirrors of this machine, if it is a Debian.
 * @param {string} root
 */
export function debianOf(root) {
  const release = join(root, 'etc', 'os-release');
  const text = existsSync(release) ? readFileSync(release, 'utf8') : '';
  // mmdebstrap has a default mirror.
  if (!/^ID=debian$/m.test(text)) return { suite: SUITE, sources: [] };
  const apt = join(root, 'etc', 'apt');
  const parts = join(apt, 'sources.list.d');
  const files = [
    join(apt, 'sources.list'),
    ...(existsSync(parts) ? readdirSync(parts).map((name) => join(parts, name)) : []),
  ];
  // A folder of this machine is no source for others.
  const sources = files.filter(
    (path) => existsSync(path) && /^(deb\b.*|URIs:\s*)https?:/m.test(readFileSync(path, 'utf8')),
  );
  return { suite: /^VERSION_CODENAME=(\w+)$/m.exec(text)?.[1] ?? SUITE, sources };
}

/** The packages in a base, by the records that the hook wrote. @param {string} tar */
export async function debianPackages(tar) {
  const text = await must('sh', ['-c', 'tar -xOf "$1" --wildcards "./var/lib/dpkg/status.d/*"', 'sh', tar]);
  return text.split(/^(?=Package: )/m).map((record) => {
    const field = (/** @type {string} */ name) => new RegExp(`^${name}: (.*)$`, 'm').exec(record)?.[1] ?? '';
    return { name: field('Package'), version: field('Version'), architecture: field('Architecture') };
  });
}
