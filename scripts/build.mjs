// Builds every package. `pnpm build` and `pnpm test` come here, and so may anything that needs dist/.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { run, withPnpm } from './command.mjs';

const root = dirname(import.meta.dirname);
const cache = join(root, 'node_modules', '.cache', 'errand');

/**
 * Builds what changed, one process at a time. When nothing changed, dist/ is not touched at all, because another
 * process may be reading it.
 * @returns whether it worked, and what the compilers said
 */
export async function build() {
  mkdirSync(cache, { recursive: true });
  const unlock = await lock(join(cache, 'building'));
  try {
    const stamp = join(cache, 'built');
    const wanted = fingerprint();
    if (isBuilt() && existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return { ok: true, output: '' };
    const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    const env = { ...withPnpm(root, manifest), TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1' };
    const args = ['run', 'build', '--cache=local:rw', '--no-update-notifier', '--continue=dependencies-successful'];
    const { code, output } = await run('turbo', args, { cwd: root, env });
    if (code === 0) writeFileSync(stamp, wanted);
    else rmSync(stamp, { force: true });
    return { ok: code === 0, output };
  } finally {
    unlock();
  }
}

// A folder is made by exactly one process. The number in it tells whether its maker still lives.
async function lock(folder) {
  for (let i = 0; ; i++) {
    try {
      mkdirSync(folder);
      writeFileSync(join(folder, 'pid'), String(process.pid));
      return () => rmSync(folder, { recursive: true, force: true });
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    const owner = Number(existsSync(join(folder, 'pid')) ? readFileSync(join(folder, 'pid'), 'utf8') : 0);
    const abandoned = owner ? !lives(owner) : i > 20;
    if (abandoned) rmSync(folder, { recursive: true, force: true });
    else await sleep(100);
  }
}

function lives(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

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
