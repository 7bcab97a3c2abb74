// Text for a required slot that wants a heading, a search phrase or a message, in the words of the intent itself.

import { term } from '../lexicon/words.ts';
import type { Scope } from '../match/draft.ts';
import { has } from '../match/fit/slot-words.ts';
import type { Slot } from '../tools/inputs.ts';
import type { Operation } from '../tools/operation.ts';

const HEADING = ['title', 'subject', 'summary', 'headline', 'heading', 'topic', 'caption'].map(term);
const TIME = /\b(?:at|on|for|by|from|until|till|in|this|next|due|starting)?\s*$/i;

/** Undefined when the slot wants something else, or the intent has no words for it. */
export function headline(slot: Slot, operation: Operation, scope: Scope): string | undefined {
  if (slot.shape.type !== 'string' && slot.shape.type !== 'any') return undefined;
  if (slot.shape.enum !== undefined || slot.shape.format !== undefined || slot.shape.pattern !== undefined)
    return undefined;
  if (!scope.writes || operation.action !== 'create') return undefined;
  const described =
    /\b(?:one line|short|headline|what it is about|title|subject)\b/i.test(slot.shape.description) &&
    slot.names.length <= 3;
  if (!has(slot.names, HEADING, 0.8) && !described) return undefined;
  // A company or a person is called by a name that was told, never by the words around it.
  if (
    slot.names.some(({ lemma }) => lemma === 'name') &&
    !operation.slots.some(({ shape }) => shape.format === 'date-time')
  )
    return undefined;
  const text = phrase(scope);
  if (text === '') return undefined;
  return text.slice(0, slot.shape.maxLength);
}

/** "Log a call with Contoso for tomorrow at 10:00" → "Call with Contoso". */
function phrase(scope: Scope): string {
  const { clause } = scope;
  const topic = /\b(?:about|regarding|re|to discuss|on the subject of)\s+(.+)$/i.exec(clause.text)?.[1];
  let text = clause.text;
  const times = scope.intent.values.filter(
    ({ kind, fromContext }) => !fromContext && (kind === 'moment' || kind === 'period' || kind === 'duration'),
  );
  for (const { at, end } of [...times].sort((a, b) => b.at - a.at)) {
    const [from, to] = [at - clause.at, end - clause.at];
    if (from < 0 || to > text.length) continue;
    text = `${text.slice(0, from).replace(TIME, ' ')}${text.slice(to)}`;
  }
  const verb = clause.verb?.text;
  const start = verb === undefined ? 0 : text.toLowerCase().indexOf(verb) + verb.length;
  const object = text
    .slice(start)
    .replace(/^(?:\s|up\b|in\b|a\b|an\b|the\b|new\b|me\b|us\b|:|,)+/i, '')
    .replace(/[\s,.;:!?]+$/g, '')
    .replace(/\s+/g, ' ');
  const chosen = (object === '' ? (topic ?? '') : object).trim();
  return chosen.charAt(0).toUpperCase() + chosen.slice(1);
}
