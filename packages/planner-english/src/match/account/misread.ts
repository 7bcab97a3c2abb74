// What is asked, and would be read as something else: what somebody did as a state, who did it as somebody else, news as a list.
import { isQuestion } from '../../intent/mood.ts';
import { lemma } from '../../lexicon/stem.ts';
import { best, isAmong, isSame, type Term, term } from '../../lexicon/words.ts';
import { verbClasses } from '../../tools/action.ts';
import { fieldsOf } from '../../tools/operation.ts';
import { referenceNouns } from '../../tools/sources.ts';
import type { Draft, Scope } from '../draft.ts';
import { isTemporal } from '../render.ts';
import { strong } from './spoken.ts';

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
    const isVerb =
      !fromContext &&
      inState.includes(one) &&
      /^(?:(?:end|start|close|open|expire|finish)s?|ending|starting|closing|expiring)$/.test(one.text);
    const isTimed = free.some(
      (value) =>
        /^(?:moment|period)$/.test(value.kind) &&
        /^\s+(?:(?:on|in|by|before|after)\s+)?$/.test(text.slice(at - start + one.text.length, value.at - start)),
    );
    return isVerb && isTimed ? [one.text] : [];
  });
  // "The manager of the manager of Ana"
  const twice = /\b(\p{L}{3,})(?: of (?:the |her |his |their )?|['’]s )\1\b/iu.exec(text)?.slice(0, 1) ?? [];
  return [
    ...done,
    ...dropped,
    ...ahead,
    ...twice,
    ...deeds(draft, clause),
    ...unknownDoer(draft, text),
    ...told(draft, clause),
  ];
}

const WHO = /\b(?:who|that)\s+(?:(?:have|has|had)\s+)?$/i;
const DEED = /^(?:\p{L}+ed|came|gave|left|lost|quit|took|went|withdrew|won|wrote)$/u;
const BY = /\b(?!(?:group|order|sort|rank|total)(?:p?ed)\b)\p{L}+ed\s+by\s+(?:the\s+)?$/iu;

/** "Pupils who left this year", "missed by beginners": what they did, and who did it, are told by the rows themselves, or by a time of theirs. */
function deeds({ goal, said }: Draft, { text, at: start, topics }: Scope['clause']): string[] {
  const { operation, filled } = goal;
  const times = fieldsOf(operation).filter(({ shape, names }) => isTemporal(shape, names));
  const known = [...said, ...strong(goal), ...operation.claim, ...filled.flatMap((one) => one.said)];
  return topics.flatMap(({ term: one, at, fromContext }) => {
    const here = text.slice(0, at - start);
    const isDeed = WHO.test(here) && DEED.test(one.text);
    if (fromContext || !(isDeed || BY.test(here))) return [];
    const told = isDeed ? [...known, ...times.flatMap(({ names, about }) => [...names, ...about])] : known;
    return isAmong(one, told) || best(one, told) >= 0.7 ? [] : [one.text];
  });
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

const SAYS = /^\s*(?:(?:the|our|my|an?)\s+)?((?:[\p{L}\d'’#-]+\s+){1,5}?)((?:is|was|has|had)\b[^.,;]*)/iu;
const DID =
  /^\s*((?:[\p{L}\d'’#-]+\s+){1,3}?)(\p{Ll}+ed\b(?!\s*$|\s+(?:by|in|on|at|since|last|this|for|from|to)\b|\s+(?:\p{Ll}+\s+)?\p{Ll}+s\b))/u;
const ASKED = /\b(?:that|which|who|whose|what|when|where|how|if|whether)\b/i;

/** "Ana's gift was refunded", "the cask is lost", "Jo inspected M-106": what is told of one thing asks for no list. */
function told({ used }: Draft, { text, at: start }: Scope['clause']): string[] {
  const [, subject = '', said] = SAYS.exec(text) ?? [];
  const isOne = !(subject.match(/(?<!\p{L})\p{Ll}+/gu) ?? []).some(
    (word) => word !== 's' && (lemma(word) !== word || verbClasses(word).includes('read')),
  );
  if (said !== undefined && !isQuestion(text) && !ASKED.test(subject) && isOne) return [said.trim()];
  const [, doer = '', did] = (!isQuestion(text) && DID.exec(text)) || [];
  const isNamed = [...used].some(
    ({ at, end, kind }) => kind === 'name' && at === start && end - start === doer.trimEnd().length,
  );
  return did !== undefined && isNamed ? [did] : [];
}
