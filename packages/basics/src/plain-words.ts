import { StringDecoder } from 'node:string_decoder';

// Controls other than tab and line feed, bidi marks, zero-width and tag characters: people do not see such text, models do.
const hidden =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the expression removes these
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2064\u2066-\u206f\ufeff]|[\u{e0000}-\u{e0fff}]/gu;

/** Removes invisible characters and unpaired surrogates. */
export const cleanText = (text: string): string => text.replace(/\p{Surrogate}/gu, '\ufffd').replace(hidden, '');

/** At most `maxBytes` of UTF-8 of the text, with a marker that states the original size. */
export function cut(text: string, maxBytes: number): string {
  const bytes = Buffer.byteLength(text);
  if (bytes <= maxBytes) return text;
  const marker = ` …[cut: ${bytes} bytes in all]`;
  const keptBytes = Math.max(0, maxBytes - Buffer.byteLength(marker));
  // The decoder leaves out a character cut in half.
  return `${new StringDecoder('utf8').write(Buffer.from(text).subarray(0, keptBytes))}${marker}`;
}

/** Long texts are cut before the expressions run over them. */
const MAX_READ = 4000;

/** Words of a model or its endpoint for people: one line without markup, links or hidden characters. Quote them: they are untrusted. */
export function plainWords(text: string, maxBytes: number): string {
  const plain = cleanText(text.slice(0, MAX_READ))
    .replace(/<(think|thinking)>(?:(?!<think)[\s\S])*?<\/\1>/gi, ' ')
    .replace(/<[^<>]{0,200}>/g, ' ')
    .replace(/!?\[([^[\]]{0,200})\]\([^()]{0,500}\)/g, '$1')
    .replace(/[`*#|<>]+/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  return cut(plain, maxBytes);
}
