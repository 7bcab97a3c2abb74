// What is asked, and would be read as something else: what somebody did as a state, who did it as somebody else, news as a list.
import { isQuestion } from '../../intent/mood.ts';
import { best, isSame, type Term, term } from '../../lexicon/words.ts';
import { verbClasses } from '../../tools/action.ts';
import { fieldsOf } from '../../tools/operation.ts';
import { referenceNouns } from '../../tools/sources.ts';
import type { Draft, Scope } from '../draft.ts';
import { isTemporal } from '../render.ts';

/** Verbs that say nothing of what somebody has to do with a thing. */
const IDLE =
  /^(?:have|get|got|make|made|use|take|own|hold|keep|buy|cost|need|want|still|already|ever|also|not|and|or|in|on|at|of)$/;
const WHO_DID = /^\s*(?:and\s+)?who\s+(?:has\s+|have\s+|had\s+)?(\p{L}+ed|wrote|took|gave|built|sold|bought|ran)\b/iu;

/** The words of a question, or of news, that a read takes for something else. */
export function misread(draft: Draft, { clause, free }: Scope): string[] {
  const { text, at: start, topics } = clause;
  const { goal, said } = draft;
  const states = [...said, ...goal.filled.flatMap((one) => (one.used.length === 0 ? one.said : []))];
  // "Which tickets did Ana open": she did it, in whatever state they are now.
  const done = topics.flatMap(({ term: one, at, fromContext }) => {
    const ahead = text.slice(0, at - start);
    const isVerb = !fromContext && states.includes(one) && verbClasses(one.text).length > 0;
    const isDone = isVerb && /\bdid\s+(?:[\p{L}'’-]+\s+){1,4}$/iu.test(ahead);
    const when = free.find(({ at: from, kind }) => from > at && /^(?:moment|period)$/.test(kind));
    const between = when && text.slice(at - start + one.text.length, when.at - start);
    return isDone && between?.trim() !== '' ? [one.text] : [];
  });
  // "How many patients did Ana see": the verb is dropped, and it is what is asked.
  const dropped = [...draft.used].flatMap(({ at, end, fromContext, kind }) => {
    const isAsked = !fromContext && kind === 'name' && /\bdid\s+(?:the\s+|our\s+)?$/i.test(text.slice(0, at - start));
    const [, verb] = (isAsked && /^\s+(\p{L}+)/u.exec(text.slice(end - start))) || [];
    const isTold = topics.some((topic) => topic.term.text === verb?.toLowerCase());
    return verb === undefined || isTold || IDLE.test(verb) ? [] : [verb];
  });
  const inState = goal.filled.flatMap((one) => (one.slot.shape.enum ? one.said : []));
  // "Which hires end this week": what has ended is another thing.
  const ahead = topics.flatMap(({ term: one, at, fromContext }) => {
    const isVerb = !fromContext && inState.includes(one) && /^(?:end|start|close|open|expire|finish)s?$/.test(one.text);
    const isTimed = free.some(
      (value) =>
        /^(?:moment|period)$/.test(value.kind) &&
        /^\s+(?:(?:on|in|by|before|after)\s+)?$/.test(text.slice(at - start + one.text.length, value.at - start)),
    );
    return isVerb && isTimed ? [one.text] : [];
  });
  // "The manager of the manager of Ana"
  const twice = /\b(\p{L}{3,})(?: of (?:the |her |his |their )?|['’]s )\1\b/iu.exec(text)?.slice(0, 1) ?? [];
  return [...done, ...dropped, ...ahead, ...twice, ...unknownDoer(draft, text), ...told(draft, clause)];
}

/** "Who created WEB-105": when it was made, and who looks after it, say nothing of that. */
function unknownDoer({ goal, steps }: Draft, text: string): string[] {
  const [, did] = WHO_DID.exec(text) ?? [];
  if (did === undefined) return [];
  const verb = term(did.toLowerCase());
  const isOf = (list: readonly Term[]) =>
    list.some((one) => isSame(one, verb) || (!/ed$/.test(did) && best(verb, [one]) >= 0.7));
  const own = [goal, ...steps.filter(({ purpose }) => purpose === 'join')];
  // "Who placed order 5" is told by the one whom it is for, and not by who works on it.
  const isMaking = [1, 2].some((cut) => verbClasses(verb.text.slice(0, -cut)).includes('create'));
  const refers = own
    .flatMap(({ operation }) => fieldsOf(operation))
    .filter((field) => referenceNouns(field).length > 0);
  const isWorked = refers.some(({ name }) => /assign|agent|lead|manag|handl|mechanic|driver|respons|owner/i.test(name));
  if (isMaking && own.length > 1 && !isWorked && goal.operation.single) return [];
  const isTold = own.some(
    ({ operation, filled }) =>
      isOf([...operation.claim, ...operation.nouns, ...operation.marks]) ||
      filled.some((one) => isOf(one.said)) ||
      fieldsOf(operation).some(
        ({ names, about, shape }) =>
          !isTemporal(shape, names) && shape.type !== 'boolean' && isOf([...names, ...about]),
      ),
  );
  return isTold ? [] : [`who ${did}`];
}

const SAYS =
  /^(?:['’]s?(?:\s+\p{Ll}+){1,3})?\s+((?:is|was|has|have|had)\b[^.,;]*|\p{Ll}+ed\b(?!\s*$|\s+(?:\p{Ll}+\s+)?\p{Ll}+s\b))/u;

/** "Ana's gift was refunded", "Jo inspected M-106": what is told of one thing asks for no list. */
function told({ used }: Draft, { text, at: start }: Scope['clause']): string[] {
  if (isQuestion(text)) return [];
  return [...used].flatMap(({ at, end, fromContext }) => {
    const isFirst = !fromContext && /^\s*(?:(?:the|our|my)\s+)?$/i.test(text.slice(0, at - start));
    const [, said] = (isFirst && SAYS.exec(text.slice(end - start))) || [];
    return said === undefined ? [] : [said.trim()];
  });
}
