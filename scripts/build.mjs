// Builds every package: turbo knows what has changed. `pnpm build` and `pnpm test` come here, and so may anything that needs dist/.
import { fileURLToPath } from 'node:url';
import { claimBuild } from './claim.mjs';
import { run, withPnpm } from './command.mjs';
import { install } from './install.mjs';

// `!errand`: the root is a package too, whose build is this.
const args = ['run', 'build', '--filter=!errand', '--cache=local:rw', '--continue=dependencies-successful'];

/**
 * Installs what is missing and builds what has changed, one process at a time: of two compilers in one folder, the one may read what
 * the other has half written.
 * @param {import('./install.mjs').Options} [options]
 * @returns whether it worked, whether there was something to do, and what the compilers said
 */
export async function build({ onProgress = () => {}, signal } = {}) {
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
    const { code, output } = await run('turbo', args, { env, onLine, signal });
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
