import type { Json } from '@errand/contracts';
import { stripHidden } from './hidden.ts';
import { redact } from './redact.ts';

/** The database cannot store deeper answers, nor can JSON.stringify write them. */
const MAX_DEPTH = 64;

export class TooDeep extends Error {}

/** A text of a service without our secrets and without hidden characters. */
export const cleanText = (text: string, forms: readonly string[]): string => redact(stripHidden(text), forms);

/**
 * Cleans every text and member name of a JSON value. It changes the value itself: a copy of many small objects would double the time.
 * @returns the value, or its replacement
 * @throws TooDeep
 */
export function cleanJson(value: Json, forms: readonly string[], depth = 0): Json {
  if (typeof value === 'string') return cleanText(value, forms);
  if (typeof value === 'number') return forms.length > 0 && forms.includes(String(value)) ? '[secret]' : value;
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= MAX_DEPTH) throw new TooDeep();
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) value[i] = cleanJson(value[i]!, forms, depth + 1);
    return value;
  }
  for (const key in value)
    if (key === '__proto__' || cleanText(key, forms) !== key) return renamed(value, forms, depth);
  for (const key in value) value[key] = cleanJson(value[key]!, forms, depth + 1);
  return value;
}

function renamed(value: Record<string, Json>, forms: readonly string[], depth: number): Json {
  const out: Record<string, Json> = {};
  for (const [key, item] of Object.entries(value)) {
    if (key === '__proto__') continue;
    out[cleanText(key, forms)] = cleanJson(item, forms, depth + 1);
  }
  return out;
}
