export {
  checkFolder,
  folderFault,
  isDiskFull,
  makePrivate,
  masterKeysOf,
  readDevFile,
  writeDevFile,
} from './data-dir.ts';
export { lockDataDir } from './lock.ts';
export { type Embedded, type EmbeddedOptions, startEmbedded } from './start.ts';
