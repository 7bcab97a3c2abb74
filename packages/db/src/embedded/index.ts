export {
  checkFolder,
  folderFault,
  isDiskFull,
  makePrivate,
  readDevFile,
  readOrCreateMasterKeys,
  writeDevFile,
} from './data-dir.ts';
export { lockDataDir } from './lock.ts';
export { type EmbeddedOptions, type EmbeddedPostgres as Embedded, startEmbedded } from './start.ts';
