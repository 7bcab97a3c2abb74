// Free text that an intent gives to be sent: it goes out exactly as it stands.
import { isQuoted, type Text } from './text.ts';
import { around, type Value } from './value.ts';

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
