// Text for a required slot that wants a heading, in the words of the intent itself.
import { terms } from '../lexicon/words.ts';
import type { Slot } from '../tools/inputs.ts';
import type { Operation } from '../tools/operation.ts';
import type { Scope } from './draft.ts';
import { has } from './fit/slots.ts';

const HEADING = terms('title subject summary headline heading topic caption');
const TIMES = /^(?:moment|period|duration)$/;

/** Undefined when the slot wants something else, or the intent has no words for it. */
export function headline({ shape, names }: Slot, { action }: Operation, scope: Scope): string | undefined {
  const { type, enum: members, format, pattern, description, maxLength } = shape;
  const isOpen = /string|any/.test(type) && members === undefined && format === undefined && pattern === undefined;
  if (!isOpen || !scope.writes || action !== 'create') return undefined;
  const isDescribed = /\b(?:one line|short|headline|what it is about|title|subject)\b/i.test(description);
  const isMessage = names.some(({ lemma }) => /^(?:body|message|text|content|comment|reply)$/.test(lemma));
  if (isMessage || (!has(names, HEADING, 0.8) && !(isDescribed && names.length <= 3))) return undefined;
  // A company or a person is called by a name that was told, never by the words around it.
  if (names.some(({ lemma }) => lemma === 'name')) return undefined;
  return phrase(scope).slice(0, maxLength) || undefined;
}

/** "Log a call with Contoso for tomorrow at 10:00" → "Call with Contoso". */
function phrase({ clause, intent }: Scope): string {
  let { text } = clause;
  const times = intent.values.filter(({ kind, fromContext }) => !fromContext && TIMES.test(kind));
  for (const { at, end } of [...times].sort((a, b) => b.at - a.at)) {
    const [from, to] = [at - clause.at, end - clause.at];
    const before = text
      .slice(0, Math.max(0, from))
      .replace(/\b(?:at|on|for|by|from|until|till|in|this|next|due|starting)?\s*$/i, ' ');
    if (from >= 0 && to <= text.length) text = `${before}${text.slice(to)}`;
  }
  const verb = clause.verb?.text ?? '';
  const object = text
    .slice(text.toLowerCase().indexOf(verb) + verb.length)
    .replace(/^(?:\s|up\b|in\b|a\b|an\b|the\b|new\b|me\b|us\b|:|,)+/i, '')
    .replace(/[\s,.;:!?]+$/g, '')
    .replace(/\s+/g, ' ');
  return object.charAt(0).toUpperCase() + object.slice(1);
}
