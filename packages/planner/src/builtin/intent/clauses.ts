// What an intent is made of: the things that it asks for, and the free text that it gives to be sent.
import { verbClasses } from '../tools/action.ts';
import { isQuoted, type Text } from './text.ts';
import { around, type Value } from './value.ts';

/** "find X and who owns it, then email her" → three clauses; a plain "deals and orders" is one. */
export function splitClauses(text: string): { text: string; at: number }[] {
  const starts = [0];
  const border = /(?:[.!?;]\s+|,?\s+(?:and then|then|and also|and|as well as|plus)\s+|,\s+|\n+)(?=\S)/gi;
  for (const match of text.matchAll(border)) {
    const next = text.slice(match.index + match[0].length);
    if (isQuoted(text.slice(0, match.index))) continue;
    const [first = '', second = ''] = next.split(/\s+/);
    const word = first.toLowerCase().replace(/[^a-z']/g, '');
    const stop = /^[.!?;\n]/.test(match[0]);
    const asks =
      /^(?:who|what|which|when|where|how|whose)$/.test(word) &&
      (!/^,\s+$/.test(match[0]) || /\b(?:who|what|when|where|how)\b/i.test(first));
    const carriesOn = /^(?:their|its)$/.test(word) && !/^,/.test(match[0]);
    const commands =
      verbClasses(word).some((kind) => kind !== 'read' || stop) &&
      first === word &&
      /^(?:an?|the|it|them|this|that|him|her|to|my|our|all|each|every|its|their|one|new|me|us)$|^["“\p{Lu}]|@/u.test(
        second,
      );
    if (asks || carriesOn || commands || (stop && next.trim().length > 12)) starts.push(match.index + match[0].length);
  }
  return starts.map((at, index) => ({ at, text: text.slice(at, starts[index + 1]) }));
}

const SAID =
  /\b(?:saying|(?:that|which)\s+(?:says|reads)|with\s+the\s+(?:text|message|comment|note|body|reply|words|subject|title|description|reason))\s*(?:that\s+)?[:,]?\s+(?=\S)|(?<=[\p{L}\p{N}"”'’])\s*:\s+(?=\S)/giu;
/** What is sent or written, so that a text may follow. */
const SENDS =
  /^\s*(?:please\s+)?(?:(?:can|could|would)\s+you\s+)?(?:please\s+)?(?:add|append|answer|comment|create|email|file|leave|log|mail|make|message|note|notify|open|ping|post|put|raise|record|reject|remind|reply|respond|say|send|submit|tell|text|write)\b/i;

/** Takes the text that is to be sent out of an intent; one in quotation marks is left to those who read quotations. */
export function takeTexts(text: Text): Value[] {
  if (!SENDS.test(text.whole)) return [];
  for (const match of text.rest.matchAll(SAID)) {
    const at = match.index + match[0].length;
    const said = text.whole.slice(at).trim();
    if (/^["“«'‘`]/.test(said) || isQuoted(text.whole.slice(0, match.index))) continue;
    const end = at + text.whole.slice(at).trimEnd().length;
    const told = around(text, at, end);
    text.mask(match.index, end);
    return [{ ...told, kind: 'text', text: said, at, end, preposition: 'saying' }];
  }
  return [];
}
