import type { IncomingHttpHeaders } from 'node:http';
import Negotiator from 'negotiator';
import { de } from './de.ts';
import { en, type Texts } from './en.ts';

const LANGUAGES: Readonly<Record<string, Texts>> = { en, de };

/** The texts in the language that the reader prefers; English if none of theirs is there. */
export function textsFor(headers: IncomingHttpHeaders): Texts {
  const language = new Negotiator({ headers: { 'accept-language': headers['accept-language'] } }).language(
    Object.keys(LANGUAGES),
  );
  return LANGUAGES[language ?? 'en'] ?? en;
}
