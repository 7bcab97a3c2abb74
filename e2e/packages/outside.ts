// A project outside the repository, as a stranger has it: a folder with the tarballs, plain npm, and nothing of the workspace.
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';

const root = join(import.meta.dirname, '..', '..');
const project = join(import.meta.dirname, 'project');

/** An installed package. */
export type Installed = { name: string; version: string; realpath: string };

type Outcome = { code: number; output: string };

/** Variables of pnpm and vitest: by some, npm and node could find the workspace; npm warns about others. */
const FOREIGN =
  /^(npm_(?!config_(registry|cache|userconfig|cafile)$)|pnpm_|vitest|vite_|init_cwd$|pwd$|node_(path|options|env)$)/i;
const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !FOREIGN.test(name)));

/** Builds and packs the packages with the script for users. @returns the paths of the tarballs in a folder outside the repository */
export async function packAll(): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'errand-tarballs-'));
  const other = join(folder, 'another-1.0.0.tgz');
  await writeFile(other, '');
  await promisify(execFile)(process.execPath, [join(root, 'scripts', 'pack-packages.mjs'), folder], { cwd: root });
  await rm(other); // fails if the script has removed it
  return (await readdir(folder)).map((name) => join(folder, name));
}

/** The tarballs of these packages: `client` is `errand-client-0.2.0.tgz`. */
export const only = (tarballs: readonly string[], names: readonly string[]) =>
  tarballs.filter((path) => names.some((name) => basename(path).startsWith(`errand-${name}-`)));

export class Outside {
  /** Variables of the programs. */
  readonly env: Record<string, string> = {};

  private constructor(readonly folder: string) {}

  /** @param tarballs copied into the folder */
  static async create(tarballs: readonly string[]): Promise<Outside> {
    // On some machines the folder for temporary files is a link, which npm and tsc resolve.
    const outside = new Outside(await realpath(await mkdtemp(join(tmpdir(), 'errand-outside-'))));
    for (const path of tarballs) await cp(path, outside.path(basename(path)));
    await outside.npm('init', '--yes');
    await outside.npm('pkg', 'set', 'type=module');
    return outside;
  }

  path(...parts: string[]): string {
    return join(this.folder, ...parts);
  }

  /** Copies the programs of the test, and these folders of them. */
  async addPrograms(...folders: string[]): Promise<void> {
    const files = (await readdir(project, { withFileTypes: true })).filter((entry) => entry.isFile());
    const copied = [...files.map(({ name }) => name), ...folders];
    for (const name of copied) await cp(join(project, name), this.path(name), { recursive: true });
  }

  async write(path: string, text: string): Promise<void> {
    await mkdir(join(this.path(path), '..'), { recursive: true });
    await writeFile(this.path(path), text);
  }

  /** Runs npm. @throws with the output of npm if it fails */
  async npm(...args: string[]): Promise<string> {
    const { code, output } = await this.#run('npm', args);
    if (code !== 0) throw new Error(`npm ${args.join(' ')} ended with ${code}\n${output}`);
    return output;
  }

  /** Installs all tarballs of the folder, and other packages from the registry. @returns the output of npm */
  async install(...others: string[]): Promise<string> {
    const tarballs = (await readdir(this.folder)).filter((name) => name.endsWith('.tgz')).map((name) => `./${name}`);
    return this.npm('install', '--no-audit', '--no-fund', '--prefer-offline', ...tarballs, ...others);
  }

  /** Compiles. @returns the errors, and the files outside the folder that the compiler has read */
  async compile(config: string, ...options: string[]): Promise<string[]> {
    const tsc = this.path('node_modules', '.bin', 'tsc');
    const { code, output } = await this.#run(tsc, [
      '--project',
      config,
      '--pretty',
      'false',
      '--listFiles',
      ...options,
    ]);
    const lines = output.split('\n').filter((line) => line !== '' && !line.startsWith(`${this.folder}/`));
    return code === 0 || lines.length > 0 ? lines : [`tsc ended with ${code}`];
  }

  /** Starts a program, which can read only this folder. */
  start(args: readonly string[], variables: Readonly<Record<string, string>>): ChildProcess {
    const all = { ...env, ...this.env, ...variables };
    return spawn(process.execPath, this.#confined(args), { cwd: this.folder, env: all });
  }

  /** Runs a program, which can read only this folder. @returns its output @throws if it fails */
  async node(...args: string[]): Promise<string> {
    const { code, output } = await this.#run(process.execPath, this.#confined(args));
    if (code !== 0) throw new Error(`node ${args.join(' ')} ended with ${code}\n${output}`);
    return output;
  }

  /** All installed packages, of ours and of others, by their names. */
  async installed(): Promise<Installed[]> {
    const list = JSON.parse(await this.npm('query', ':root *')) as Installed[];
    return list.sort((a, b) => a.name.localeCompare(b.name));
  }

  async readJson<T>(path: string): Promise<T> {
    return JSON.parse(await readFile(this.path(path), 'utf8')) as T;
  }

  remove(): Promise<void> {
    return rm(this.folder, { recursive: true, force: true });
  }

  #confined(args: readonly string[]): string[] {
    const permission = process.allowedNodeEnvironmentFlags.has('--permission')
      ? '--permission'
      : '--experimental-permission';
    return ['--no-warnings', permission, `--allow-fs-read=${this.folder}/`, ...args];
  }

  async #run(command: string, args: readonly string[]): Promise<Outcome> {
    const options = { cwd: this.folder, env: { ...env, ...this.env }, maxBuffer: 2 ** 26 };
    return promisify(execFile)(command, args, options).then(
      ({ stdout, stderr }) => ({ code: 0, output: stdout + stderr }),
      ({ code, stdout, stderr }) => ({ code, output: `${stdout}${stderr}` }),
    );
  }
}

/** The bytes of all files in a folder. */
export async function bytesIn(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const sizes = entries.filter((entry) => entry.isFile()).map((entry) => stat(join(entry.parentPath, entry.name)));
  return (await Promise.all(sizes)).reduce((sum, { size }) => sum + size, 0);
}
