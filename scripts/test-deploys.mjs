// `pnpm test:deploys [--release DIR] [arguments of vitest]`: restarts processes under load behind HAProxy and Caddy, and runs the last release
// beside this one. DIR is a built checkout of that release; without it, the release is built from the history, once.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { build } from './build.mjs';
import { cache, run } from './command.mjs';
import { RELEASED, readReleased } from './guards/migrations.mjs';

const PROGRAMS = ['haproxy', 'caddy'];
const SERVICE = 'apps/server/dist/main.js';
const root = dirname(import.meta.dirname);

const { values, positionals } = parseArgs({
  args: process.argv.slice(2).filter((arg) => arg !== '--'),
  options: { release: { type: 'string' } },
  strict: false,
});
const missing = [];
for (const program of PROGRAMS)
  if ((await run(program, ['-h'])).output.startsWith(`${program}: spawn`)) missing.push(program);
if (missing.length > 0) stop(`It needs ${missing.join(' and ')}. On Debian: apt-get install ${missing.join(' ')}`);

const release = typeof values.release === 'string' ? resolve(values.release) : await lastRelease();
if (!existsSync(join(release, SERVICE)))
  stop(`${release} is not a built checkout: it has no ${SERVICE}. Run its scripts/build.mjs.`);
const built = await build();
if (!built.ok) stop(`${built.output}\nThe build failed.`);
process.env.ERRAND_TEST_RELEASE = release;
const { test } = await import('./vitest.mjs');
await test(['--project=deploys', ...positionals]);

/** @param {string} reason @returns {never} */
function stop(reason) {
  console.error(`test:deploys did not run. ${reason}`);
  process.exit(1);
}

/** Builds the last release from the history, unless that is done. @returns its folder */
async function lastRelease() {
  const text = readFileSync(join(root, RELEASED), 'utf8');
  const version = /^# The migrations of release (\S+),/.exec(text)?.[1];
  // The oldest commit that has it: a later one that removes it also changes the count.
  const { output } = await run('git', ['log', '--format=%H', `-S"version": "${version}"`, '--', 'package.json']);
  const commit = output.trim().split('\n').at(-1) ?? '';
  // The first commit of a shallow clone seems to have added everything.
  const tree = await run('git', ['ls-tree', '-d', '--name-only', `${commit}:prisma/migrations`]);
  const released = readReleased([{ path: RELEASED, text }]);
  if (tree.output.trim() !== [...released.keys()].join('\n'))
    stop(
      `The history of this clone has no release ${version}. Fetch it (git fetch --unshallow), or name a built checkout: --release DIR`,
    );
  const folder = join(cache, `release-${version}-${commit.slice(0, 12)}`);
  const mark = join(folder, '.built');
  if (existsSync(mark)) return folder;
  console.log(`Building release ${version} (${commit.slice(0, 12)}), once`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const archive = join(folder, 'release.tar');
  const env = { ...process.env, npm_config_prefer_offline: 'true' };
  /** @type {[string, string[]][]} */
  const steps = [
    ['git', ['-C', root, 'archive', '--output', archive, commit]],
    ['tar', ['-xf', archive]],
    [process.execPath, ['scripts/build.mjs']],
  ];
  for (const [command, args] of steps) {
    const { code, output } = await run(command, args, { cwd: folder, env });
    if (code !== 0) stop(`${output}\nRelease ${version} could not be built.`);
  }
  rmSync(archive);
  writeFileSync(mark, '');
  return folder;
}
