import { cleanText, cut } from './untrusted.ts';

/** Long texts are cut before the expressions run over them. */
const MAX_READ = 4000;

/**
 * Words of a model or its endpoint for people to read: one line without markup, links or hidden characters. They are not ours, so quote them.
 */
export function plainWords(text: string, maxBytes: number): string {
  const plain = cleanText(text.slice(0, MAX_READ))
    .replace(/<(think|thinking)>[\s\S]*?<\/\1>/gi, ' ')
    .replace(/<[^<>]{0,200}>/g, ' ')
    .replace(/!?\[([^[\]]{0,200})\]\([^()]{0,500}\)/g, '$1')
    .replace(/[`*#|<>]+/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  return cut(plain, maxBytes);
}
