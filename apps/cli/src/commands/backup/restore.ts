import { resolve } from 'node:path';
import type { OpenBackup, Restored } from '@errand/db/backup';
import type { ServerLocation } from '@errand/db/embedded';
import { readServiceSettings } from '../../environment/service-settings.ts';
import { Failure } from '../../outcome/failure.ts';
import type { AddCommand } from '../command.ts';
import { dataOption, locationOf } from './location.ts';
import { passphraseOption, readPassphrase } from './passphrase.ts';

type Cli = Parameters<AddCommand>[1];

type RestoreOptions = { data?: string; passphraseFile?: string; acceptBreaches?: boolean };

export const addRestore: AddCommand = (program, cli) => {
  program
    .command('restore')
    .description('restore a backup into an empty database, which is then held until errand resume')
    .argument('<file>', 'a file of errand backup')
    .option(...dataOption)
    .option(...passphraseOption)
    .option('--accept-breaches', 'restore an audit log whose chain was broken before the backup')
    .action(cli.action((file: string, options: RestoreOptions) => restore(cli, resolve(file), options)));
};

async function restore(cli: Cli, file: string, options: RestoreOptions): Promise<void> {
  const settings = readServiceSettings(cli.output.say);
  const { openBackup } = await import('@errand/db/backup');
  const backup = await openBackup(file);
  try {
    const location = locationOf(settings, options.data);
    const { masterKeys = await readStoredKeys(location) } = settings;
    const keys = masterKeys
      ? { masterKeys, isFromBackup: false }
      : await openSealedKeys(cli, backup, location, options.passphraseFile);
    const restored = await restoreInto(location, backup, keys, options.acceptBreaches ?? false);
    cli.output.answer(toAnswer(backup, restored), { text: linesOf, ids: (answer) => [answer.backupId] });
    cli.output.say(
      'It is held: no run, schedule, webhook or refresh moves. Stop the original, then run errand resume.',
    );
  } finally {
    backup.close();
  }
}

type Keys = { masterKeys: string; isFromBackup: boolean };

/** The master keys of the target, if it has some. */
async function readStoredKeys({ dataDir }: ServerLocation): Promise<string | undefined> {
  const { readMasterKeys } = await import('@errand/db/embedded');
  return readMasterKeys(dataDir);
}

/** The master keys of the backup. */
async function openSealedKeys(
  { terminal }: Cli,
  { file, manifest, sealedKeys }: OpenBackup,
  { dataDir }: ServerLocation,
  passphraseFile: string | undefined,
): Promise<Keys> {
  if (!sealedKeys)
    throw new Failure(`${file} holds no master keys, and without them nobody can open its credentials.`, {
      remedy: `Copy the file master-keys of the original into ${dataDir}, or set ERRAND_MASTER_KEYS.`,
    });
  const { openKeys } = await import('@errand/db/backup');
  const passphrase = await readPassphrase(terminal, passphraseFile, { isNew: false });
  return { masterKeys: await openKeys(sealedKeys, passphrase, manifest.backupId), isFromBackup: true };
}

async function restoreInto(
  location: ServerLocation,
  backup: OpenBackup,
  { masterKeys, isFromBackup }: Keys,
  acceptBreaches: boolean,
): Promise<Restored> {
  const [{ restoreBackup }, embedded] = await Promise.all([import('@errand/db/backup'), import('@errand/db/embedded')]);
  const { dataDir } = location;
  if (isFromBackup) await embedded.makePrivate(dataDir);
  const isEmbedded = location.databaseUrl === undefined;
  const restoring = async ({ ownerUrl }: { ownerUrl: string }) =>
    restoreBackup({
      ownerUrl,
      backup,
      masterKeys: masterKeys.split(/[\s,]+/).filter(Boolean),
      acceptBreaches,
      onBegin: async () => (isEmbedded ? embedded.markRestore(dataDir) : undefined),
      // Before the data, because a restored database without its keys cannot start.
      beforeCommit: async () => {
        if (isFromBackup) await embedded.storeMasterKeys(dataDir, masterKeys);
      },
    });
  return embedded.withServer(location, restoring, { isNew: true });
}

const toAnswer = ({ manifest }: OpenBackup, restored: Restored) => ({
  backupId: manifest.backupId,
  takenAt: manifest.takenAt,
  errandVersion: manifest.errandVersion,
  ...restored,
});

const linesOf = (answer: ReturnType<typeof toAnswer>) => [
  `moment     ${answer.takenAt}, of Errand ${answer.errandVersion}`,
  `rows       ${answer.rows}`,
  `audit      ${answer.auditEntries} entries, whose chains are whole`,
  `open runs  ${answer.openRuns}; before each of their writes a person is asked`,
  ...(answer.migrated.length > 0 ? [`migrated   by ${answer.migrated.length} migrations of this version`] : []),
];
