import { join } from 'node:path';
import type { Outside } from './outside.ts';

type Exports = Record<string, { types: string; default: string }>;

/** The names by which programs import an installed package, in the order of its `exports`. */
export async function entriesOf(outside: Outside, name: string): Promise<string[]> {
  const { exports } = await outside.readJson<{ exports: Exports }>(join('node_modules', name, 'package.json'));
  return Object.keys(exports).map((entry) => entry.replace('.', name));
}

/** A program that prints a line for each entry: its name, whether it exports a value, and whether it is a file of the folder. */
export const programOfEntries = (entries: readonly string[]): string =>
  [
    ...entries.map((entry, i) => `import * as entry${i} from '${entry}';`),
    ...entries.map((entry, i) => `console.log('${entry}', Object.keys(entry${i}).length > 0);`),
  ].join('\n');

/** The output of the program. */
export const loaded = (entries: readonly string[]): string => entries.map((entry) => `${entry} true\n`).join('');
