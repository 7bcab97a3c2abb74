// `pnpm start` in a tree of its own, in which it can be stopped while it installs and builds, and in which a build can fail.
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { aFolder, type Program, startProgram } from '../fixtures/program.ts';

const project = join(import.meta.dirname, '..', '..');
const { packageManager } = (await import(join(project, 'package.json'), { with: { type: 'json' } })).default;
/** A program that does not end. It names the data folder, so that it can be found: turbo passes no variables on. */
const forever = (root: string) => `node -e "setInterval(() => {}, 1000)" under-way ${join(root, '.errand')}`;

/** A small tree with the real scripts and the real turbo, and one package. @param build its build */
async function aTree(build: (root: string) => string): Promise<string> {
  const root = aFolder();
  // The parts of `errand up` that work before anything is installed.
  for (const part of ['scripts', 'apps/cli/src/up/early', 'apps/server/src/config/settings-files.mjs'])
    cpSync(join(project, part), join(root, part), { recursive: true });
  for (const file of ['turbo.json', 'tsconfig.base.json', 'prisma.config.ts'])
    cpSync(join(project, file), join(root, file));
  const write = (file: string, text: string) => {
    mkdirSync(join(root, file, '..'), { recursive: true });
    writeFileSync(join(root, file), text);
  };
  write('package.json', JSON.stringify({ name: 'errand', private: true, type: 'module', packageManager }));
  write('pnpm-workspace.yaml', 'packages:\n  - .\n  - packages/*\nverifyDepsBeforeRun: false\n');
  write('pnpm-lock.yaml', "lockfileVersion: '9.0'\n");
  write('prisma/schema.prisma', '');
  write(
    'packages/one/package.json',
    JSON.stringify({ name: '@tree/one', version: '1.0.0', scripts: { build: build(root) } }),
  );
  write('packages/one/src/index.ts', '');
  mkdirSync(join(root, 'node_modules', '.bin'), { recursive: true });
  // by its own path, at which it finds its other files
  const turbo = join(root, 'node_modules', '.bin', 'turbo');
  writeFileSync(turbo, `#!/bin/sh\nexec "${join(project, 'node_modules', '.bin', 'turbo')}" "$@"\n`, { mode: 0o755 });
  return root;
}

/** As after an installation. */
const markInstalled = async (root: string) =>
  (await import(pathToFileURL(join(root, 'scripts', 'install.mjs')).href)).markInstalled();

const start = (root: string, env: Record<string, string> = {}): Program =>
  startProgram(join(root, '.errand'), [join(root, 'scripts', 'start.mjs')], { env: { PORT: '0', ...env }, cwd: root });

test('a failed build is reported with its first error and the path of the whole output', async () => {
  const root = await aTree(
    () => `node -e "console.log('src/index.ts(1,1): error TS1: it is broken'); process.exit(2)"`,
  );
  await markInstalled(root);
  const failing = start(root);

  expect(await failing.ended).toMatchObject({ code: 1 });
  expect(failing.errors()).toMatch(
    /^The build failed: .*error TS1: it is broken\. The whole output is in \S+build\.log\.\n$/,
  );
  await expect.poll(() => failing.left()).toEqual([]);
});

test('Ctrl-C while it builds ends the build', async () => {
  const root = await aTree(forever);
  await markInstalled(root);
  const building = start(root);
  await expect.poll(() => building.left().some((child) => child.includes('under-way')), { timeout: 60_000 }).toBe(true);
  process.kill(-building.child.pid!, 'SIGINT');

  expect(await building.ended, building.output()).toMatchObject({ code: 0, signal: null });
  expect(building.output()).toMatch(/\nStopped\.\n$/);
  // Killed processes need a turn to end.
  await expect.poll(() => building.left()).toEqual([]);
});

test('Ctrl-C while it installs ends the installation', async () => {
  const root = await aTree(forever);
  // The package manager that started the script runs the installation: here one that does not end.
  const pnpm = join(root, 'pnpm.cjs');
  writeFileSync(pnpm, `require('node:child_process').spawnSync(${JSON.stringify(forever(root))}, { shell: true })`);
  const installing = start(root, { npm_execpath: pnpm });
  await expect
    .poll(() => installing.left().some((child) => child.includes('under-way')), { timeout: 60_000 })
    .toBe(true);
  process.kill(-installing.child.pid!, 'SIGINT');

  expect(await installing.ended, installing.output()).toMatchObject({ code: 0, signal: null });
  expect(installing.output()).toMatch(/\nStopped\.\n$/);
  await expect.poll(() => installing.left()).toEqual([]);
});
