// The image without a container engine: its unpacked file system, read-only, with processes of its own as the user of the image.
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Program, startProgram } from '../fixtures/program.ts';

const repository = join(import.meta.dirname, '..', '..');
const execute = promisify(execFile);
const run = (command: string, ...args: string[]) => execute(command, args, { maxBuffer: 64_000_000 });

export type ImageConfig = {
  User: string;
  Env: string[];
  Entrypoint: string[];
  Cmd: string[];
  WorkingDir: string;
  StopSignal: string;
  Labels: Record<string, string>;
};

/**
 * Arguments: the file system, then the program. Nothing but /proc and /dev is writable, and the program is the first process, as in a
 * container.
 */
const CONTAINER = `
set -eu
root=$1; shift
mount --bind "$root" "$root"
mount -o remount,bind,ro "$root"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
exec unshare --root="$root" --wd="$WORKDIR" --setgid="$GID" --setuid="$UID_" "$@"
`;

export class Image {
  private constructor(
    private readonly folder: string,
    /** The archive that the build wrote. */
    readonly archive: string,
    readonly config: ImageConfig,
  ) {}

  /** Builds the image and unpacks it. ERRAND_TEST_IMAGE names an archive that is built already. */
  static async create(): Promise<Image> {
    await needTools();
    const folder = await mkdtemp(join(tmpdir(), 'errand-image-'));
    let archive = process.env.ERRAND_TEST_IMAGE;
    if (!archive) {
      await run(process.execPath, join(repository, 'scripts', 'image.mjs'), folder);
      archive = join(folder, (await readdir(folder)).find((name) => name.endsWith('-image.tar'))!);
    }
    const layout = `oci:${join(folder, 'layout')}:image`;
    await run('skopeo', 'copy', '--quiet', `oci-archive:${archive}`, layout);
    await run('umoci', 'unpack', '--image', layout.slice(4), join(folder, 'bundle'));
    const { stdout } = await run('skopeo', 'inspect', '--config', layout);
    return new Image(folder, archive, (JSON.parse(stdout) as { config: ImageConfig }).config);
  }

  get root(): string {
    return join(this.folder, 'bundle', 'rootfs');
  }

  /** Starts a container. @param args replace the default command of the image */
  start(args: readonly string[], env: Readonly<Record<string, string>>): Program {
    const { Entrypoint, Cmd, WorkingDir, User } = this.config;
    const [uid = '', gid = ''] = User.split(':');
    const own = Object.fromEntries(this.config.Env.map((line) => line.split(/=(.*)/s).slice(0, 2)));
    const command = [...Entrypoint, ...(args.length > 0 ? args : Cmd)];
    const isolation = [
      '--mount',
      '--pid',
      '--fork',
      '--kill-child',
      'sh',
      '-c',
      CONTAINER,
      'sh',
      this.root,
      ...command,
    ];
    const settings = { ...own, PATH: process.env.PATH!, ...env, WORKDIR: WorkingDir, UID_: uid, GID: gid };
    return startProgram('none', isolation, { command: 'unshare', cwd: '/', env: settings });
  }

  /** Runs a command in a container. @returns its exit code and output */
  async run(args: readonly string[], env: Readonly<Record<string, string>>) {
    const program = this.start(args, env);
    const { code } = await program.ended;
    return { code, output: program.output() };
  }

  remove(): Promise<void> {
    return rm(this.folder, { recursive: true, force: true });
  }
}

async function needTools(): Promise<void> {
  const missing: string[] = [];
  for (const name of ['skopeo', 'umoci', 'unshare'])
    await run('sh', '-c', `command -v ${name}`).catch(() => missing.push(name));
  if (missing.length > 0)
    throw new Error(`These tests need ${missing.join(', ')}. On Debian: apt-get install skopeo umoci util-linux`);
  if (process.getuid?.() !== 0) throw new Error('These tests need root, which alone may mount and change users.');
}
