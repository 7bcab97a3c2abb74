import { readFileSync } from 'node:fs';

/** The version of the service: all packages and the document have the same. */
export const VERSION: string = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version;
