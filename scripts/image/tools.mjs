import { delimiter } from 'node:path';
import { run } from '../command.mjs';

/** The programs of the build, by the Debian package that has them. buildah starts no container without netavark, although it needs no network. */
const TOOLS = { mmdebstrap: 'mmdebstrap', buildah: 'buildah', netavark: 'netavark', tar: 'tar', 'dpkg-deb': 'dpkg' };
/** Where buildah looks for netavark. */
const HELPERS = ['/usr/local/libexec/podman', '/usr/local/lib/podman', '/usr/libexec/podman', '/usr/lib/podman'];

/** @param {string} name */
export async function has(name) {
  const PATH = [process.env.PATH, ...HELPERS].join(delimiter);
  return (await run('sh', ['-c', `command -v ${name}`], { env: { ...process.env, PATH } })).code === 0;
}

/** @throws Error that names the missing programs and the command that installs them */
export async function checkTools(tools = TOOLS) {
  const missing = [];
  for (const name of Object.keys(tools)) if (!(await has(name))) missing.push(name);
  if (missing.length === 0) return;
  const packages = missing.map((name) => Reflect.get(tools, name)).join(' ');
  throw new Error(
    `This command needs ${missing.join(', ')}. On Debian or Ubuntu: apt-get install --no-install-recommends ${packages}`,
  );
}

/**
 * Runs a program.
 * @param {string} command
 * @param {string[]} args
 * @param {import('../command.mjs').RunOptions} [options]
 * @returns {Promise<string>} its output
 * @throws Error with the end of its output
 */
export async function must(command, args, options) {
  const { code, output } = await run(command, args, options);
  if (code === 0) return output.trim();
  throw new Error(`${command} ended with ${code}:\n${output.trim().slice(-3000)}`);
}
