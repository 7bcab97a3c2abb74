// Builds every package; turbo skips unchanged ones. Used by `pnpm build`, `pnpm test` and scripts that need dist/.
import { fileURLToPath } from 'node:url';
import { claimBuild } from './claim.mjs';
import { run, withPnpm } from './command.mjs';
import { install } from './install.mjs';

// `!errand` excludes the root, which is a package too and whose build is this script.
const everything = ['!errand'];
const args = ['run', 'build', '--cache=local:rw', '--continue=dependencies-successful'];

/**
 * Installs missing packages and builds changed ones, in one process at a time: two compilers in one folder would read each other's
 * half-written files.
 * @param {import('./install.mjs').Options & { names?: string[] }} [options] `names` of the packages to build, with all that they need
 * @returns success, whether anything changed, and the output of the compilers
 */
export async function build({ onProgress = () => {}, signal, names = everything } = {}) {
  const installed = await install({ signal });
  if (!installed.ok) return installed;
  const unlock = await claimBuild(signal);
  try {
    const env = { ...withPnpm(), TURBO_TELEMETRY_DISABLED: '1', TURBO_NO_UPDATE_NOTIFIER: '1', DO_NOT_TRACK: '1' };
    /** @param {string} line */
    const onLine = (line) => {
      const [, name] = /^(\S+):build: cache miss/.exec(line) ?? [];
      if (name) onProgress(name);
    };
    const { code, output } = await run('turbo', [...args, ...names.map((name) => `--filter=${name}`)], {
      env,
      onLine,
      signal,
    });
    return { ok: code === 0, changed: !output.includes('FULL TURBO'), output };
  } finally {
    unlock();
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { ok, output } = await build();
  process.stdout.write(output);
  process.exitCode = ok ? 0 : 1;
}
