// `errand up` on a folder of an earlier version, and on a restored one.
import { copyFileSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { unpackDataFolder } from '../fixtures/data-folder.ts';
import { aFolder, startProgram } from '../fixtures/program.ts';
import { answerOf } from './errand.ts';

const ERRAND = fileURLToPath(new URL('../../apps/cli/dist/main.js', import.meta.url));

/** Starts it, waits until it is ready, and stops it. @returns its output */
async function upOnce(dataDir: string, more: readonly string[] = []): Promise<string> {
  const env = { ERRAND_PORT: '0' };
  const up = startProgram(dataDir, [ERRAND, 'up', '--data', dataDir, '--no-demo', ...more], { env, cwd: aFolder() });
  await up.printed(/Errand is ready at/);
  up.child.kill('SIGINT');
  expect((await up.ended).code).toBe(0);
  return up.output();
}

test('it says where the backup of the older data is, and that a restored database is held', async () => {
  const dataDir = unpackDataFolder('2026-11-29');
  expect(await upOnce(dataDir)).toMatch(
    /The data were backed up before this version changed them: .*before-upgrade-.*\.zip/,
  );
  const backups = join(dataDir, 'backups');
  const [name] = readdirSync(backups);

  const restored = join(aFolder(), 'restored');
  mkdirSync(restored, { mode: 0o700 });
  copyFileSync(join(dataDir, 'master-keys'), join(restored, 'master-keys'));
  await answerOf(['restore', join(backups, name!), '--data', restored]);
  expect(await upOnce(restored)).toContain('is held: no run, schedule, webhook or refresh moves.');
  await answerOf(['resume', '--data', restored]);
  expect(await upOnce(restored)).not.toContain('is held');
});

test('with --without-backup it makes none', async () => {
  const dataDir = unpackDataFolder('2026-11-29');
  expect(await upOnce(dataDir, ['--without-backup'])).not.toContain('backed up');
  expect(readdirSync(dataDir)).not.toContain('backups');
});
