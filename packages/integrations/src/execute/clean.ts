import type { Json } from '@errand/contracts';
import { stripHidden } from './hidden.ts';
import { redact } from './redact.ts';

/** Deeper answers cannot be kept by the database nor written by the JSON writer. */
const MAX_DEPTH = 64;

export class TooDeep extends Error {}

/** A text of a service as it may be kept and shown: no secret of ours, nothing hidden. */
export const cleanText = (text: string, forms: readonly string[]): string => redact(stripHidden(text), forms);

/**
 * The same for every text and member name of a JSON value, which is changed in place: a copy of many small objects would hold the
 * event loop for as long again.
 * @returns the value, or what stands for it
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
