export { checkFolder, masterKeysOf, readDevFile, writeDevFile } from './data-dir.ts';
export { folderFault, isDiskFull } from './folder-fault.ts';
export { lockDataDir } from './lock.ts';
export { makePrivate } from './private-folder.ts';
export { type Embedded, type EmbeddedOptions, startEmbedded } from './start.ts';
