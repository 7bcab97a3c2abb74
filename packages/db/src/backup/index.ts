export { migrate, migrateOrCheck } from '../migrate/migrate.ts';
export type { Manifest } from './manifest.ts';
export { type OpenBackup, openBackup } from './read-backup.ts';
export { type Restored, type RestoreProgress, restoreBackup } from './restore-backup.ts';
export { resumeRestored } from './resume.ts';
export { MIN_PASSPHRASE, openKeys } from './sealed-keys.ts';
export { type Backup, type BackupProgress, writeBackup } from './write-backup.ts';
