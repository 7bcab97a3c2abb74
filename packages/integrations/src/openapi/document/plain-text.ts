import { stripHidden } from '../../execute/hidden.ts';

/** Text of a document for people and models: nothing hidden in it, cut at `max` bytes. Undefined when it says nothing. */
export function plainText(value: unknown, max: number): string | undefined {
  if (typeof value !== 'string') return undefined;
  const text = stripHidden(value).trim();
  if (Buffer.byteLength(text) <= max) return text || undefined;
  const cut = Buffer.from(text).subarray(0, max - 4);
  return `${cut.toString().replace(/\uFFFD+$/, '')}…`;
}
