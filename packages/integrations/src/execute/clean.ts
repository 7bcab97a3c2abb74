import { withoutTrailing } from '@errand/basics/text-end';
import type { Json } from '@errand/contracts';

/**
 * Characters that are invisible to people but not to models and terminals: control characters, direction overrides, invisible spaces and
 * operators, tag characters, and variation selectors. Tabs, line breaks and the joiners of scripts and emoji are not among them.
 */
const hidden =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the pattern matches them
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e0fff}]/gu;

/** Text without hidden characters and lone surrogates. */
export const stripHidden = (text: string): string => text.replace(hidden, '').toWellFormed();

/** The redaction of shorter secrets would make texts unreadable. */
const MIN_LENGTH = 4;

/** The base64 forms of a text at the three offsets (modulo 3) at which it can begin in other text. */
function base64Forms(text: string): string[] {
  return [0, 1, 2].flatMap((shift) => {
    const encoded = withoutTrailing(Buffer.concat([Buffer.alloc(shift), Buffer.from(text)]).toString('base64'), '=');
    // The first and last characters also contain bits of the surrounding text.
    const inner = encoded.slice(
      shift === 0 ? 0 : shift + 1,
      (shift + Buffer.byteLength(text)) % 3 === 0 ? undefined : -1,
    );
    return inner.length >= 8 ? [inner, inner.replaceAll('+', '-').replaceAll('/', '_')] : [];
  });
}

/** The encodings in which a service may echo a secret: plain, URL-encoded, base64. Longest first. */
export function secretForms(secrets: readonly string[]): string[] {
  const forms = new Set<string>();
  for (const secret of secrets) {
    if (secret.length < MIN_LENGTH) continue;
    for (const form of [secret, encodeURIComponent(secret.toWellFormed()), ...base64Forms(secret)]) forms.add(form);
  }
  return [...forms].sort((a, b) => b.length - a.length);
}

function redact(text: string, forms: readonly string[]): string {
  let out = text;
  for (const form of forms) if (out.includes(form)) out = out.replaceAll(form, '[secret]');
  return out;
}

/** Depth limit of answers, far below the limits of the database and of JSON.stringify. */
const MAX_DEPTH = 64;

export class TooDeep extends Error {}

/** A text of a service without our secrets and hidden characters. @param secretForms from `secretForms` */
export const cleanText = (text: string, secretForms: readonly string[]): string =>
  redact(stripHidden(text), secretForms);

/** What cleaning may change in a JSON text without escapes: hidden and control characters, and members named `__proto__`. */
const unclean =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the pattern matches them
  /[\u0000-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e0fff}]|"__proto__"/u;
/** Numbers of more digits than a double keeps. V8 searches for a repeated class without a quantifier ten times as fast. */
const longNumber = new RegExp('[0-9.]'.repeat(16));

/**
 * Whether an answer can be stored as the service sent it, because cleaning would change nothing. Some such answers are not recognized.
 * @param text well-formed JSON @param value its value
 */
export const isClean = (text: string, value: Json, secretForms: readonly string[]): boolean =>
  !text.includes('\\') &&
  !unclean.test(text) &&
  !longNumber.test(text) &&
  !secretForms.some((form) => text.includes(form)) &&
  isStorable(value, MAX_DEPTH);

/** Whether a value has at most `levels` levels and only finite numbers. */
function isStorable(value: Json, levels: number): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object' || value === null) return true;
  if (levels === 0) return false;
  if (Array.isArray(value)) return value.every((item) => isStorable(item, levels - 1));
  for (const key in value) if (!isStorable(value[key]!, levels - 1)) return false;
  return true;
}

/**
 * Cleans every text and member name of a JSON value, and drops members named `__proto__`. Changes the value in place: a copy would take
 * twice as long.
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
