export {
  checkFolder,
  checkRestoreMark,
  folderFault,
  isDiskFull,
  makePrivate,
  markRestore,
  readDevFile,
  readMasterKeys,
  readOrCreateMasterKeys,
  storeMasterKeys,
  writeDevFile,
} from './data-dir.ts';
export { lockDataDir } from './lock.ts';
export { type EmbeddedOptions, type EmbeddedPostgres as Embedded, startEmbedded } from './start.ts';
export { type ServerLocation, withServer } from './with-server.ts';
