import { resolve } from 'node:path';
import type { Backup } from '@errand/db/backup';
import { readServiceSettings } from '../../environment/service-settings.ts';
import { Failure } from '../../outcome/failure.ts';
import type { AddCommand } from '../command.ts';
import { dataOption, locationOf, sizeText } from './location.ts';
import { passphraseOption, readPassphrase } from './passphrase.ts';

type Cli = Parameters<AddCommand>[1];

type BackupOptions = { data?: string; withKeys?: boolean; passphraseFile?: string };

export const addBackup: AddCommand = (program, cli) => {
  program
    .command('backup')
    .description('write all data of a service to a file, while it runs')
    .argument('[file]', 'the new file; errand-backup-<time>.zip by default')
    .option(...dataOption)
    .option('--with-keys', 'include the master keys, sealed with a passphrase')
    .option(...passphraseOption)
    .action(
      cli.action((file: string | undefined, options: BackupOptions) => backUp(cli, file ?? defaultName(), options)),
    );
};

const defaultName = () =>
  `errand-backup-${new Date()
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replaceAll(':', '-')}.zip`;

async function backUp(cli: Cli, file: string, { data, withKeys, passphraseFile }: BackupOptions): Promise<void> {
  // Loaded here, because other commands need no database.
  const [{ readMasterKeys, withServer }, { writeBackup }] = await Promise.all([
    import('@errand/db/embedded'),
    import('@errand/db/backup'),
  ]);
  const settings = readServiceSettings(cli.output.say);
  const location = locationOf(settings, data);
  const masterKeys = withKeys ? (settings.masterKeys ?? (await readMasterKeys(location.dataDir))) : undefined;
  if (withKeys && masterKeys === undefined)
    throw new Failure(`There are no master keys in ${location.dataDir}.`, {
      remedy: 'Set ERRAND_MASTER_KEYS as the service has it, or leave out --with-keys.',
    });
  const passphrase = masterKeys && (await readPassphrase(cli.terminal, passphraseFile, { isNew: true }));
  const keys = masterKeys && passphrase ? { masterKeys, passphrase } : undefined;
  const path = resolve(file);
  const backup = await withServer(location, ({ url }) => writeBackup({ url, file: path, ...(keys && { keys }) }));
  cli.output.answer(toAnswer(backup), { text: linesOf, ids: (answer) => [answer.file] });
  if (!keys)
    cli.output.say(
      'It holds no master keys: alone it cannot restore credentials. Keep the master keys elsewhere, or use --with-keys.',
    );
}

const toAnswer = ({ file, bytes, manifest }: Backup) => ({
  file,
  bytes,
  backupId: manifest.backupId,
  takenAt: manifest.takenAt,
  errandVersion: manifest.errandVersion,
  tables: manifest.tables.length,
  rows: manifest.tables.reduce((sum, { rows }) => sum + rows, 0),
  hasKeys: manifest.hasKeys,
});

const linesOf = ({ file, bytes, takenAt, rows, tables, hasKeys }: ReturnType<typeof toAnswer>) => [
  `file       ${file}, ${sizeText(bytes)}`,
  `moment     ${takenAt}`,
  `rows       ${rows} of ${tables} tables`,
  `keys       ${hasKeys ? 'included, sealed with the passphrase' : 'not included'}`,
];
