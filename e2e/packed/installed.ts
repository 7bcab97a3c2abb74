// The package `errand`, installed by npm in a folder outside the repository.
import { execFile } from 'node:child_process';
import { chmod, cp, mkdtemp, readdir, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { type Program, startProgram } from '../fixtures/program.ts';

const repository = join(import.meta.dirname, '..', '..');
const run = promisify(execFile);
const ownUid = process.getuid!();

/** Without the variables of pnpm and vitest by which npm could find the workspace. */
const env = Object.fromEntries(
  Object.entries(process.env).filter(
    ([name]) => !/^(npm_(?!config_)|pnpm_|vitest|vite_|init_cwd$|pwd$|node_(path|options|env)$)/i.test(name),
  ),
);

/** Hides the repository from a program, where that is allowed: `sh` runs its arguments after it. */
const HIDE = `mount -t tmpfs none '${repository}' && exec "$@"`;

export class InstalledPackage {
  private constructor(
    readonly folder: string,
    readonly tarball: string,
    readonly hidesRepository: boolean,
  ) {}

  /** Packs and installs the package, without the install scripts of packages. */
  static async create(): Promise<InstalledPackage> {
    const folder = await realpath(await mkdtemp(join(tmpdir(), 'errand-packed-')));
    await chmod(folder, 0o755);
    await run(process.execPath, [join(repository, 'scripts', 'pack-errand.mjs'), folder], { cwd: repository });
    const tarball = (await readdir(folder)).find((name) => name.endsWith('.tgz'))!;
    const install = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline', `./${tarball}`];
    await run('npm', install, { cwd: folder, env });
    const hides = await run('unshare', ['--mount', 'sh', '-c', HIDE, 'sh', 'true']).catch(() => undefined);
    return new InstalledPackage(folder, join(folder, tarball), hides !== undefined);
  }

  /** A copy in another folder, which then belongs to a user. */
  async copyFor(uid: number, folder: string): Promise<InstalledPackage> {
    await cp(this.folder, folder, { recursive: true, verbatimSymlinks: true });
    await run('chown', ['-R', `${uid}:${uid}`, folder]);
    return new InstalledPackage(folder, join(folder, basename(this.tarball)), this.hidesRepository);
  }

  /** Runs `errand up` in its folder, with its data in `.errand`. @param uid of the user; the present one by default */
  up(args: readonly string[] = [], variables: Readonly<Record<string, string>> = {}, uid = ownUid): Program {
    const errand = join(this.folder, 'node_modules', '.bin', 'errand');
    const user = uid === ownUid ? [] : ['setpriv', `--reuid=${uid}`, `--regid=${uid}`, '--clear-groups'];
    const hidden = this.hidesRepository ? ['unshare', '--mount', 'sh', '-c', HIDE, 'sh'] : [];
    const [command = '', ...rest] = [...hidden, ...user, process.execPath, errand, 'up', ...args];
    // Empty variables count as not set.
    const settings = { ERRAND_DATA_DIR: '', PORT: '0', ...variables };
    return startProgram(join(this.folder, '.errand'), rest, { command, cwd: this.folder, env: settings });
  }

  remove(): Promise<void> {
    return rm(this.folder, { recursive: true, force: true });
  }
}
