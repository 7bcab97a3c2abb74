// Good answers and documents, as `answers.yaml` and `documents.yaml` have them.
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

type Json = { [key: string]: unknown };

/** @param words that stand for others, such as the origin of a stub */
export function seedsIn(file: 'answers' | 'documents', words: Readonly<Record<string, string>>): Record<string, Json> {
  const text = readFileSync(new URL(`./${file}.yaml`, import.meta.url), 'utf8');
  const replaced = Object.entries(words).reduce((all, [word, by]) => all.replaceAll(word, by), text);
  // Aliases become copies.
  return JSON.parse(JSON.stringify(parse(replaced, { merge: true, maxAliasCount: -1 }))) as Record<string, Json>;
}
