// What is asked of a thing that rows only refer to.

import type { Topic } from '../../intent/intent.ts';
import { allTerms, best, isAmong, type Term, words } from '../../lexicon/words.ts';
import { type Catalog, namesOf } from '../../tools/catalog.ts';
import { fieldsOf } from '../../tools/operation.ts';
import { referenceNouns } from '../../tools/sources.ts';
import type { Draft, Scope } from '../draft.ts';
import { speaks, weak } from './spoken.ts';

/** What is asked of a thing that rows only refer to, where neither a further call nor a field tells it: "the pupil's email". */
export function untold({ goal, steps }: Draft, scope: Scope, catalog: Catalog): Topic[] {
  const { nouns } = goal.operation;
  const fields = fieldsOf(goal.operation);
  if (scope.writes) return [];
  // "Who is the manager of it": the id of the manager is no answer.
  const isReferred = ({ term: one }: Topic) => fields.some((field) => isAmong(one, referenceNouns(field)));
  const isJoined = steps.some(({ purpose }) => purpose === 'join');
  const asks = /^\s*(?:who\s+(?:is|are|was|were)|which|what)\b/i.exec(scope.clause.text)?.[0];
  const who = asks !== undefined && !isJoined;
  const isAsked = ({ at }: Topic) => /^\s*who/i.test(asks ?? '') || at - scope.clause.at <= (asks ?? '').length + 1;
  const first = scope.clause.topics.slice(0, 2).find((topic) => isAsked(topic) && isReferred(topic));
  // "The title of Ana's manager" is not the title of what Ana has.
  const own = [goal, ...steps.filter(({ purpose }) => purpose === 'join')];
  const told = own.flatMap((step) => [
    ...namesOf(step.operation),
    ...step.filled.flatMap((one) => [...one.said, ...one.slot.names]),
    ...fieldsOf(step.operation).flatMap(({ names }) => names),
  ]);
  const isOwn = (one: Term) => isAmong(one, nouns);
  const owned = scope.free.flatMap(({ fromContext, owned: list = [] }) =>
    fromContext || list.some(isOwn) ? [] : list.slice(0, 1),
  );
  const isLost = ({ term: one }: Topic) =>
    isAmong(one, owned) &&
    (!told.some((other) => best(one, [other]) >= 0.7) ||
      (!isJoined && !isAmong(one, nouns) && isReferred({ term: one } as Topic)));
  const lost = scope.clause.topics.filter(isLost);
  if (lost.length > 0) return lost;
  if (who && first !== undefined && !isAmong(first.term, nouns)) return [first];
  return askedOf(scope).flatMap(({ owner, asked }) => {
    const isOwner = (list: readonly Term[]) => isAmong(owner.term, list);
    if (isOwner(nouns) || !fields.some((field) => isOwner(referenceNouns(field)))) return [];
    const inRows = fields.some(({ names }) => [owner, asked].every(({ term: one }) => speaks(names, one, catalog)));
    const got = steps.some((step) => step.purpose === 'join' && speaks(weak(step), asked.term, catalog));
    return inRows || got ? [] : [owner, asked];
  });
}

const WANTS =
  /\b(?:needs?|wants?|like)\s+(?!to\b)|\b(?:looking|searching|asking) for\b|\b(?:rent|hire|book|buy|order|reserve|borrow)\b|\b(?:only|ones?)\b/i;

/** "I want to rent a boom lift. Which machines are free?": a kind or a state of what is wanted narrows what is asked. */
export function unkeptKinds({ goal }: Draft, { writes, clause, intent }: Scope): Topic[] {
  const { topics, at, stated } = clause;
  if (writes || stated === 0 || !WANTS.test(intent.text.slice(at, at + stated))) return [];
  const shapes = [...goal.operation.slots, ...fieldsOf(goal.operation)].flatMap(({ shape }) => shape.enum ?? []);
  const kinds = shapes.flatMap((one) => allTerms(words(String(one)).join(' ')));
  const own = topics.flatMap(({ isStated, term: one }) => (isStated ? [] : [one]));
  return topics.filter(
    ({ term: one, isStated }) => isStated && kinds.some(({ lemma }) => lemma === one.lemma) && !isAmong(one, own),
  );
}

/** "the pupil's email", "the email of the pupil": what is asked of what, unless a name says which one. */
function askedOf({ clause: { topics, text, at: start }, free }: Scope): { owner: Topic; asked: Topic }[] {
  return topics.flatMap((owner, index) => {
    const [before, after] = [text.slice(0, owner.at - start), text.slice(owner.at - start + owner.term.text.length)];
    const [next, last] = [topics[index + 1], topics[index - 1]];
    if (next !== undefined && /^['’]s?\s/.test(after)) return [{ owner, asked: next }];
    const isOne = free.some(({ type }) => isAmong(owner.term, type));
    const leads = next !== undefined && text.slice(text.length - after.length, next.at - start).trim() === '';
    const isOf = /\bof\s+(?:the|each|every|their|its)\s+$/.test(before);
    return isOf && last !== undefined && !isOne && !leads ? [{ owner, asked: last }] : [];
  });
}
