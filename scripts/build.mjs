// Builds every package. `pnpm build` and `pnpm test` come here, and so may anything that needs dist/.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { claimBuild } from './claim.mjs';
import { run, withPnpm } from './command.mjs';
import { install } from './install.mjs';

const root = dirname(import.meta.dirname);
const cache = join(root, 'node_modules', '.cache', 'errand');

/**
 * Installs what is missing and builds what changed, one process at a time. When nothing changed, dist/ is not touched at all, because
 * another process may be reading it.
 * @param onProgress called with the number of packages that are built or being built, and of all
 * @param signal ends it
 * @returns whether it worked, how many packages there are, whether there was something to do, and what the compilers said
 */
export async function build({ onProgress = () => {}, signal } = {}) {
  const installed = await install({ signal });
  if (!installed.ok) return installed;
  const unlock = await claimBuild(cache, signal);
  try {
    const stamp = join(cache, 'built');
    const wanted = fingerprint();
    const all = rooms().filter((room) => 'build' in (manifestOf(room).scripts ?? {})).length;
    const isFresh = isBuilt() && existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted;
    if (isFresh) return { ok: true, all, changed: false, output: '' };
    const env = { ...withPnpm(root, manifestOf(root)), TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1' };
    const args = [
      'run',
      'build',
      '--filter=!errand',
      '--output-logs=new-only',
      '--cache=local:rw',
      '--no-update-notifier',
      '--continue=dependencies-successful',
    ];
    const begun = new Set();
    const onLine = (line) => {
      const [, task] = /^(\S+:build): cache (?:hit|miss)/.exec(line) ?? [];
      if (task) onProgress(begun.add(task).size, all);
    };
    const { code, output } = await run('turbo', args, { cwd: root, env, onLine, signal });
    if (code === 0) writeFileSync(stamp, wanted);
    else rmSync(stamp, { force: true });
    return { ok: code === 0, all, changed: true, output };
  } finally {
    unlock();
  }
}

const manifestOf = (folder) => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));

const isBuilt = () => rooms().every((room) => !existsSync(join(room, 'src')) || existsSync(join(room, 'dist')));

// Of all that a build reads.
function fingerprint() {
  const hash = createHash('sha256');
  for (const file of ['package.json', 'pnpm-lock.yaml', 'tsconfig.base.json', 'turbo.json', 'prisma.config.ts']) {
    hash.update(file).update(readFileSync(join(root, file)));
  }
  hash.update(readFileSync(join(root, 'prisma', 'schema.prisma')));
  for (const room of rooms()) {
    for (const file of ['package.json', 'tsconfig.json']) {
      if (existsSync(join(room, file))) hash.update(readFileSync(join(room, file)));
    }
    for (const file of sources(join(room, 'src'))) hash.update(file).update(readFileSync(file));
  }
  return hash.digest('hex');
}

const rooms = () =>
  ['packages', 'apps']
    .flatMap((parent) => readdirSync(join(root, parent)).map((name) => join(root, parent, name)))
    .filter((room) => existsSync(join(room, 'package.json')));

function sources(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.test.ts'))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => !file.includes(join('src', 'generated')))
    .sort();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { ok, output } = await build();
  process.stdout.write(output);
  process.exitCode = ok ? 0 : 1;
}
