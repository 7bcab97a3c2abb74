export { openCatalog } from './catalog.ts';
export { type EntryFile, entryFaults, isOutdated } from './entry-faults.ts';
