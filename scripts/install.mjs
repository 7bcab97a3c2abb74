// Installs the packages when they do not match the lockfile. Every script calls this first, so a fresh clone needs no other step.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { claimBuild } from './claim.mjs';
import { cache, pnpm, run } from './command.mjs';

/**
 * @typedef {object} Options
 * @property {(progress: string) => void} [onProgress] called while it works
 * @property {AbortSignal} [signal] ends it
 */

const root = dirname(import.meta.dirname);
const stamp = join(cache, 'installed');
const args = ['install', '--reporter=append-only', '--config.confirm-modules-purge=false'];

/**
 * @param {Options} [options]
 * @returns success, whether anything changed, and pnpm's output
 */
export async function install({ onProgress = () => {}, signal } = {}) {
  const unlock = await claimBuild(signal);
  try {
    if (existsSync(stamp) && readFileSync(stamp, 'utf8') === fingerprint()) {
      return { ok: true, output: '', changed: false };
    }
    const [command = '', ...before] = pnpm();
    /** @param {string} line */
    const onLine = (line) => {
      const [, all, added] = /^Progress: resolved (\d+),.* added (\d+)/.exec(line) ?? [];
      // the total: pnpm has not read the lockfile yet
      if (Number(all) > 1) onProgress(`${added} of ${all} packages`);
    };
    const { code, output } = await run(command, [...before, ...args], { onLine, signal });
    if (code === 0) markInstalled();
    return { ok: code === 0, output, changed: true };
  } finally {
    unlock();
  }
}

/** Records that node_modules matches the lockfile. */
export function markInstalled() {
  mkdirSync(cache, { recursive: true });
  writeFileSync(stamp, fingerprint());
}

// Covers all inputs of an installation and pnpm's record of it, so that an installation by hand, such as one of production packages alone,
// is detected.
function fingerprint() {
  const hash = createHash('sha256').update(process.platform + process.arch);
  const packageFolders = ['packages', 'apps'].flatMap((parent) =>
    existsSync(join(root, parent)) ? readdirSync(join(root, parent)).map((name) => join(parent, name)) : [],
  );
  const manifests = ['.', 'e2e', 'bench', 'evals', ...packageFolders].map((folder) => join(folder, 'package.json'));
  for (const file of ['pnpm-lock.yaml', 'pnpm-workspace.yaml', join('node_modules', '.modules.yaml'), ...manifests]) {
    if (existsSync(join(root, file))) hash.update(file).update(readFileSync(join(root, file)));
  }
  return hash.digest('hex');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { ok, output } = await install();
  if (!ok) process.stdout.write(output);
  process.exitCode = ok ? 0 : 1;
}
