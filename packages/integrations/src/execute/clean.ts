import type { Json } from '@errand/contracts';
import { stripHidden } from './hidden.ts';
import { redact } from './redact.ts';

/** The deepest answer that is taken, far below what the database and JSON.stringify can bear. */
const MAX_DEPTH = 64;

export class TooDeep extends Error {}

/** A text of a service without our secrets and without hidden characters. @param secretForms each secret, in every encoding in which it may come back */
export const cleanText = (text: string, secretForms: readonly string[]): string =>
  redact(stripHidden(text), secretForms);

/**
 * Cleans every text and member name of a JSON value, and drops members named `__proto__`. It changes the value in place: copying would
 * take twice as long.
 * @returns the value, or its replacement
 * @throws TooDeep
 */
export function cleanJson(value: Json, secretForms: readonly string[], depth = 0): Json {
  if (typeof value === 'string') return cleanText(value, secretForms);
  if (typeof value === 'number')
    return secretForms.length > 0 && secretForms.includes(String(value)) ? '[secret]' : value;
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= MAX_DEPTH) throw new TooDeep();
  if (!Array.isArray(value)) return cleanMembers(value, secretForms, depth);
  for (let i = 0; i < value.length; i++) value[i] = cleanJson(value[i]!, secretForms, depth + 1);
  return value;
}

function cleanMembers(value: Record<string, Json>, secretForms: readonly string[], depth: number): Json {
  for (const key in value)
    if (key === '__proto__' || cleanText(key, secretForms) !== key) return withCleanKeys(value, secretForms, depth);
  for (const key in value) value[key] = cleanJson(value[key]!, secretForms, depth + 1);
  return value;
}

function withCleanKeys(value: Record<string, Json>, secretForms: readonly string[], depth: number): Json {
  const out: Record<string, Json> = {};
  for (const [key, item] of Object.entries(value)) {
    if (key === '__proto__') continue;
    out[cleanText(key, secretForms)] = cleanJson(item, secretForms, depth + 1);
  }
  return out;
}
