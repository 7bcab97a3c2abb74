// `errand up` of the packed and installed package: the seconds to ready.
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Figures, median, type Scenario } from './figures.ts';

export const up: Scenario = {
  name: 'up',
  goal: {
    firstSeconds: '<= 5 with a load below 2',
    againSeconds: '<= 3 with a load below 2',
    tarballBytes: '<= 7000000',
  },
};

const root = join(import.meta.dirname, '..', '..');
const ROUNDS = 3;
const WAIT_MS = 180_000;
const run = promisify(execFile);

/** Each round begins without a data folder. The figures are medians. */
export async function measureUp(): Promise<Figures> {
  const folder = await mkdtemp(join(tmpdir(), 'errand-up-'));
  // The account of Postgres may enter.
  await chmod(folder, 0o755);
  try {
    await run(process.execPath, [join(root, 'scripts', 'pack-errand.mjs'), folder], { cwd: root });
    const tarball = (await readdir(folder)).find((name) => name.endsWith('.tgz'))!;
    const from = performance.now();
    await run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', `./${tarball}`], { cwd: folder });
    const installSeconds = secondsSince(from);
    const rounds: { first: number; again: number }[] = [];
    for (let n = 0; n < ROUNDS; n++) {
      await rm(join(folder, '.errand'), { recursive: true, force: true });
      rounds.push({ first: await secondsToReady(folder), again: await secondsToReady(folder) });
    }
    return {
      tarballBytes: (await stat(join(folder, tarball))).size,
      installSeconds,
      firstSeconds: median(rounds.map(({ first }) => first)),
      firstSecondsRounds: rounds.map(({ first }) => first),
      againSeconds: median(rounds.map(({ again }) => again)),
      againSecondsRounds: rounds.map(({ again }) => again),
      loadAfter: loadavg()[0]!,
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** From the start of the command until it prints that Errand is ready; then it is stopped. */
async function secondsToReady(folder: string): Promise<number> {
  const from = performance.now();
  const child = spawn(process.execPath, [join(folder, 'node_modules', '.bin', 'errand'), 'up', '--port', '0'], {
    cwd: folder,
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    await printed(child, 'Errand is ready at');
    return secondsSince(from);
  } finally {
    // The first errand would be in the way of the next start.
    if (child.exitCode === null) process.kill(child.pid!, 'SIGINT');
    await once(child, 'exit');
  }
}

function printed(child: ChildProcess, text: string): Promise<void> {
  return new Promise((done, fail) => {
    let output = '';
    const timer = setTimeout(() => fail(new Error(`It is not ready after ${WAIT_MS} ms:\n${output}`)), WAIT_MS);
    child.stdout!.setEncoding('utf8').on('data', (part: string) => {
      output += part;
      if (!output.includes(text)) return;
      clearTimeout(timer);
      done();
    });
    child.once('exit', () => {
      clearTimeout(timer);
      fail(new Error(`It ended:\n${output}`));
    });
  });
}

const secondsSince = (from: number): number => Math.round((performance.now() - from) / 10) / 100;
