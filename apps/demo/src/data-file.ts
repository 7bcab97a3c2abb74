import { readFileSync } from 'node:fs';

/** The content of a JSON file of `apps/demo/data`. */
export const dataFile = <T>(name: string): T =>
  JSON.parse(readFileSync(new URL(`../data/${name}`, import.meta.url), 'utf8')) as T;
