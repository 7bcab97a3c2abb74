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
export { type Embedded, type EmbeddedOptions, startEmbedded } from './start.ts';
