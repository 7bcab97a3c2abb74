// Checks that a draft uses every word of an intent. A draft that leaves a word or a value unused is rejected, and the word is reported:
// a wrong answer looks like a right one.
import { isOrdered, sumField } from '../../answer/result.ts';
import { type Clause, REMAINING, type Topic } from '../../intent/intent.ts';
import type { Value } from '../../intent/value.ts';
import { STOPWORDS } from '../../lexicon/stopwords.ts';
import { best, isAmong, isSame, type Term, term, words } from '../../lexicon/words.ts';
import { type Catalog, namesOf } from '../../tools/catalog.ts';
import type { Slot } from '../../tools/inputs.ts';
import type { Field } from '../../tools/outputs.ts';
import { referenceNouns } from '../../tools/sources.ts';
import type { Draft, Filled, Left, Scope, Step } from '../draft.ts';
import { isMade } from '../fit/done.ts';
import { LOCATIONS } from '../fit/fit-text.ts';
import { has, isOfEach, PER } from '../fit/slots.ts';
import { isUnpaid, unanswered } from './asked.ts';
import { misread } from './misread.ts';
import { unkept } from './narrowed.ts';
import { overlooked } from './overlooked.ts';
import { unkeptKinds, untold } from './related.ts';
import {
  isEnding,
  isFree,
  isOfLength,
  isOfSet,
  isPresence,
  isReadiness,
  isTelling,
  namesService,
  speaks,
  strong,
  weak,
  withoutStated,
} from './spoken.ts';
import { unmeant } from './unmeant.ts';

const PERSON = term('person');
/** Names of those who do something, and of people as they are called. */
const PERSONAL = /(?:er|or|ist|ee|name|agent|contact)$/i;
/** Verbs that only tie one thing to another. */
const LIGHT = /^(?:work|live|use|deal|take|hold|keep|run|serve|supply|offer|carry|stock|know|belong|stay|own)$/;
/** Weight of the words of a context; those of a wanted schema weigh less. */
const TOLD = 0.35;
/** Who or what is named: "painted by Ana" is another tie to her than the one that a tool knows. */
const NAMED = new Set<Value['kind']>(['name', 'quoted', 'email', 'id']);

/** What a draft leaves over of an intent. The words of a context count when it narrows what is asked. */
export function leftOver(draft: Draft, scope: Scope, catalog: Catalog): Left[] {
  const { intent, clause, free } = scope;
  // What is told before says nothing of what is asked.
  const asked = { ...scope, clause: withoutStated(clause) };
  const told = intent.narrowed ? intent.background.filter(({ at, weight }) => at >= 0 && weight >= TOLD) : [];
  const topics = [
    ...[...clause.topics, ...told].filter((topic) => !accounts(topic, draft, scope, catalog)),
    ...untold(draft, asked, catalog),
    ...unkeptKinds(draft, scope),
  ].map(({ at, end, term: { text }, fromContext }) => ({
    at: fromContext ? -1 : at,
    end: end ?? at + text.length,
    text,
  }));
  // "Ill today and tomorrow, record it": of two times that a statement tells none is dropped.
  const times = free.filter(({ optional, kind }) => optional && /^(?:moment|period)$/.test(kind));
  const isTimed = times.some((value) => draft.used.has(value));
  const mustBe = (value: Value) => mustBeUsed(value, scope) || (isTimed && times.includes(value));
  const values = free.filter((value) => mustBe(value) && !draft.used.has(value));
  const denied = clause.denials.filter(({ at }) => !draft.denied.has(at));
  const unplaced = [
    ...unanswered(draft, asked, catalog),
    ...uncut(draft, asked, catalog),
    ...unowned(draft, asked, catalog),
    ...unkept(draft, asked),
    ...(scope.writes ? unmeant(draft, asked) : [...misread(draft, asked), ...overlooked(draft, asked)]),
  ];
  return [
    ...phrases([...values, ...topics, ...denied], intent.text),
    ...unplaced.map((text) => ({ text, at: -1, end: -1 })),
  ];
}

/** "The jobs that are assigned to me", where the tool can be asked for those of one person. */
function unowned({ goal, used, isDescribed }: Draft, { writes, clause, free }: Scope, catalog: Catalog): string[] {
  const own = free.find(({ self }) => self);
  const said =
    own === undefined ? OWN.exec(clause.text)?.[0] : clause.text.slice(own.at - clause.at, own.end - clause.at);
  const isOpen = (slot: Slot) => catalog.isOfUser(slot) && !goal.filled.some((one) => one.slot === slot);
  const isUsed = own !== undefined && used.has(own);
  // "Cancel my meetings" is not done to everybody's.
  const matters = writes ? isDescribed : goal.operation.slots.some(isOpen);
  return said !== undefined && !isUsed && matters ? [said] : [];
}

/** Where nobody says who the user is. */
const OWN = /\b(?:(?:assigned|belongs?|due) to me|(?:do|am|have|did) i|(?:that|which) i|of mine|my)\b/i;

function mustBeUsed(
  { fromContext, kind, compare, ordinal, optional, self }: Value,
  { intent, clause }: Scope,
): boolean {
  if (optional || self) return false;
  if (fromContext) return intent.narrowed && (kind === 'period' || compare !== undefined || kind === 'name');
  return !(ordinal === true && clause.picking.top !== undefined);
}

/** The order, the count or the sum that the answer cannot have. */
function uncut(draft: Draft, { writes, clause }: Scope, catalog: Catalog): string[] {
  if (writes) return [];
  const { top, count, aggregate } = clause.picking;
  const { rows, total, lists } = draft.goal.operation.outline;
  const spoken = (word: string, of = strong) => draft.steps.some((step) => speaks(of(step), term(word), catalog));
  // "The latest sales of Q4 2023" are those of Q4 2023.
  const dated = top?.recent === true && [...draft.used].some(({ kind }) => kind === 'period' || kind === 'moment');
  const isTold = (said: string) => words(said).every((one) => STOPWORDS.has(one) || spoken(one));
  const isMost = top?.most === true;
  const isCounted = isMost && top.by.some((one) => isAmong(one, draft.goal.operation.nouns));
  // "Which hospital ordered the most units" asks for no order.
  const asked =
    isMost && /^\s*(?:which|what|who)\b/i.test(clause.text)
      ? clause.topics.find(({ term: one }) => !draft.said.has(one))
      : undefined;
  const isOther =
    asked !== undefined &&
    !isAmong(asked.term, draft.goal.operation.nouns) &&
    !draft.goal.filled.some(({ said }) => said.includes(asked.term));
  const isUnordered = !isOrdered(draft.goal, clause.picking) && (isMost || !(top && isTold(top.said)));
  if (top && !dated && (isCounted || isUnordered || isOther)) return [top.said];
  if (count && !rows && !total && lists.length !== 1 && !spoken('count')) return ['how many'];
  if (count && countsOne(clause, draft)) return ['how many'];
  const [each, grouped] = (count && /\b(?:each|every|per)\s+(\p{L}+)/iu.exec(clause.text)) || [];
  if (grouped !== undefined && !draft.goal.operation.nouns.some((noun) => isSame(noun, term(grouped)))) return [each!];
  // "…, and by whom?": an id is nobody.
  const [whom] = /(?:^|[:;,])\s*who(?:se)?\b|\b(?:and|by|with|to|from|for)\s+who(?:m|se)?\b/i.exec(clause.text) ?? [];
  const fields = [...(rows ? [] : draft.goal.operation.outline.fields), ...lists.flatMap((list) => list.fields)];
  const tells = ({ name, shape, ...one }: Field) =>
    referenceNouns({ name, shape, ...one }).length === 0 &&
    shape.enum === undefined &&
    !/(?:id|no|code|ref|number|order|quarter|colou?r|floor|offer|letter|error)$/i.test(name) &&
    (PERSONAL.test(name) || /\bwho\b/i.test(shape.description) || speaks(one.names, PERSON, catalog));
  if (whom !== undefined && !draft.steps.some(({ purpose }) => purpose === 'join') && !fields.some(tells))
    return [whom];
  const [what, much] = /\bhow much\s+(\p{L}+)/iu.exec(clause.text) ?? [];
  const figure = aggregate === undefined ? undefined : sumField(clause.picking, rows?.fields ?? [], clause);
  if (figure && much && !STOPWORDS.has(much.toLowerCase())) {
    const named = [
      ...figure.names,
      ...namesOf(draft.goal.operation),
      ...draft.goal.filled.flatMap(({ said }) => said),
      ...draft.said,
    ];
    if (clause.topics.some(({ term: one }) => one.text === much.toLowerCase() && best(one, named) < 0.7))
      return [what!];
  }
  if (aggregate === undefined || figure !== undefined) return [];
  // "How much have we billed", where no row tells an amount.
  if (rows !== undefined && /\bhow much\b/i.test(clause.text)) return ['how much'];
  const said = /\b(?:total|sum|average|mean|avg|together)\b/i.exec(clause.text)?.[0];
  return said === undefined || spoken(said) || spoken(said, weak) ? [] : [said];
}

/** "How many BP-7 are there": the number of rows that have this code says nothing of it. */
function countsOne({ text, at, topics }: Clause, { used }: Draft): boolean {
  const end = at + (/\bhow many\s+/i.exec(text) ?? [text]).map((match) => text.indexOf(match) + match.length)[0]!;
  const one = [...used].find((value) => value.at === end && NAMED.has(value.kind));
  return one !== undefined && !topics.some((topic) => /^\s+$/.test(text.slice(one.end - at, topic.at - at)));
}

/** Whether the first thing that is spoken of is what the goal is about, answers or takes. */
export function isAbout({ goal, said, steps }: Draft, { clause }: Scope, catalog: Catalog): boolean {
  const told = new Set([...said, ...goal.filled.flatMap((one) => one.said)]);
  const isTying = ({ term: one, at }: Topic) =>
    LIGHT.test(one.lemma) && /\b(?:we|you)\s+$/i.test(clause.text.slice(0, at - clause.at));
  const first = clause.topics.find(
    (topic) => topic.weight >= 0.5 && !told.has(topic.term) && !isFree(topic.term) && !isTying(topic),
  );
  const own = [goal, ...steps.filter(({ purpose }) => purpose === 'join')];
  // "The customers in Germany" are not what refers to a customer.
  const isListed = first !== undefined && first.term.text !== first.term.lemma && catalog.isThing(first.term);
  const isSaid = (one: Term) => clause.topics.some(({ term: other }) => isSame(one, other));
  if (isListed)
    return own.some(({ operation }) => {
      const isOf = isAmong(first.term, namesOf(operation));
      return isOf && (operation.nouns.some(isSaid) || operation.nouns.every(isFree));
    });
  const speaksOf = (step: Step, one: Term) =>
    speaks([...strong(step), ...weak(step), ...step.operation.service], one, catalog);
  return first === undefined || own.some((step) => speaksOf(step, first.term));
}

/** What a clause that asks for more of what was found ("and who owns them") says beyond what some drafts bring. */
export function leftOfMore(drafts: readonly Draft[], clause: Clause, scope: Scope, catalog: Catalog): Left[] {
  const end = clause.at + clause.text.length;
  const free = scope.intent.values.filter(({ at, fromContext }) => !fromContext && at >= clause.at && at < end);
  // "Who looks after them": only the things that are asked about need a place.
  const isThing = ({ at }: Topic) =>
    /\b(?:the|an?|their|its|his|her|each|every|which|what)\s+(?:\p{L}+\s+)?$/iu.test(
      clause.text.slice(0, at - clause.at),
    );
  const topics = clause.picking.asks.length === 0 ? clause.topics : clause.topics.filter(isThing);
  const more = { ...scope, clause: { ...clause, topics }, free, writes: false };
  return drafts.map((draft) => leftOver(draft, more, catalog)).sort((a, b) => a.length - b.length)[0] ?? [];
}

function accounts(topic: Topic, draft: Draft, scope: Scope, catalog: Catalog): boolean {
  const { clause, free, writes } = scope;
  const one = topic.term;
  const here = clause.text.slice(0, topic.at - clause.at);
  // "The number of the invoice" is a field of it.
  const isNumber = one.lemma === 'number' && /^\S+\s+of\b/i.test(clause.text.slice(topic.at - clause.at));
  const isIdle = (topic.isStated && !/\d/.test(one.text)) || (isFree(one) && !isNumber);
  if (isIdle || draft.said.has(one) || draft.denied.has(topic.at) || namesService(topic, draft, scope)) return true;
  const isMaking = (slot: Slot) => slot.names.some(({ lemma }) => /^(?:created?|placed?|opened|from|to)$/.test(lemma));
  if (
    isMade(clause.text, one.text) &&
    draft.goal.filled.some(({ slot, used }) => used.some(({ moment, period }) => moment ?? period) && isMaking(slot))
  )
    return true;
  // "How much late rent does Ana owe": it is owed because it is late.
  if (/^ow/.test(one.text) && isUnpaid(one) && draft.goal.filled.some(({ said }) => said.some(isUnpaid))) return true;
  if (isOfLength(topic, draft, scope) || isReadiness(here, draft) || isEnding(topic, draft)) return true;
  if (isPresence(one, draft, scope) || isOfSet(topic, draft, scope)) return true;
  // "To 0.14 EUR per word", for `rate_per_word`.
  const isRate = ({ slot, used }: Filled) => used.some(({ number }) => number !== undefined) && isOfEach(slot, one);
  if (PER.test(here) && draft.goal.filled.some(isRate)) return true;
  // "The suppliers that work at Contoso", "the plumbers that we use": such a verb says nothing of its own.
  const isTying = [...draft.used].some(({ ties }) => ties.includes(one)) || /\b(?:we|you)\s+$/i.test(here);
  if ((LIGHT.test(one.lemma) || LIGHT.test(one.root)) && !writes && isTying) return true;
  // "came in last week": a word that ties a value to the rest, and that no tool has, says no more than the value does.
  // "The phone number of Ana's mother": what is hers, or what "who left" did, is no little word.
  const isOwned =
    free.some(({ owned = [] }) => owned[0] === one) || /\b(?:who|that)\s+(?:(?:have|has|had)\s+)?$/i.test(here);
  const tied = [...draft.used].filter(
    (value) => !isOwned && value.ties.includes(one) && (!NAMED.has(value.kind) || isPlace(value, draft)),
  );
  const follows = (value: Value) => value.end <= topic.at && here.slice(value.end - clause.at).trim() === '';
  const isOther = free.some((value) => follows(value) && !tied.includes(value));
  // "Bookings in the orangery in December": a thing, and no tie.
  const isThing =
    /\b(?:the|an?|our|my|this|that)\s+(?:\p{L}+\s+)?$/iu.test(here) &&
    !/^(?:end|start|beginning|middle|course|rest|first|last)$/.test(one.text);
  if (tied.length > 0 && !catalog.mentions(one) && !isOther && !isThing) return true;
  // "Whose card expires next month": where some tool has the word, what takes the time has it, and not only a synonym or what is got further.
  const isOfTime = [...draft.used].some((value) => !isTelling(value) && value.before[0] === one && value.at > topic.at);
  const steps = isOfTime ? draft.steps.filter(({ purpose }) => purpose !== 'join') : draft.steps;
  if (isOfTime && catalog.mentions(one))
    return steps.some((step) => isAmong(one, [...strong(step), ...weak(step), ...step.operation.about]));
  if (steps.some((step) => speaks(strong(step), one, catalog))) return true;
  if (qualifies(topic, draft.goal, scope)) return speaks(draft.goal.operation.claim, one, catalog);
  return steps.some((step) => isAmong(one, step.operation.about) || (!writes && speaks(weak(step), one, catalog)));
}

/** "live in Porto": a place that the service is asked for. */
const isPlace = (value: Value, { goal }: Draft): boolean =>
  /^(?:in|at|from)$/.test(value.preposition ?? '') &&
  goal.filled.some(({ used, slot }) => used.includes(value) && slot.use !== 'id' && has(slot.names, LOCATIONS, 1));

/** "That are open", "that are on the shelf" */
const STANDS =
  /\b(?:is|are|was|were|be|been|being|currently|still|already|not)\s+(?:(?:on|in|at|out of|under|off)\s+(?:(?:the|an?|my|our)\s+)?)?$/i;

/** "open tickets", "tickets that are open": what narrows the things themselves is no matter of what their answer holds. */
function qualifies({ at, term: one, fromContext }: Topic, goal: Step, { clause, free }: Scope): boolean {
  const { text } = one;
  // What is left is a figure, and no state.
  if (fromContext || one === REMAINING) return false;
  const before = clause.text.slice(0, at - clause.at);
  const rest = clause.text.slice(at - clause.at + text.length);
  // "Who is working on ticket 5": what somebody does, and no state.
  if (/ing$/.test(text) && /^\s+(?:on|for|with|at|in|to)\b/.test(rest)) return false;
  if (STANDS.test(before) || (/\b(?:ha(?:s|ve|d))(?:\s+(?:already|ever))?\s+$/i.test(before) && /ed$/.test(text))) {
    // "were placed this year": what ties a value to the things is told by the value.
    const isIdle = (one: string) => words(one).every((word) => STOPWORDS.has(word)) && !/[.,;]/.test(one);
    return !free.some(
      (value) => value.at > at && !value.fromContext && isIdle(rest.slice(0, value.at - at - text.length)),
    );
  }
  const after = clause.topics.find((other) => other.at > at);
  const isBeside = /^[\s,-]*(?:(?:and|or)\s+)?$/.test(rest.slice(0, (after?.at ?? 0) - at - text.length));
  return after !== undefined && best(after.term, goal.operation.nouns) >= 0.8 && isBeside;
}

/** What is left over in the words of the intent, neighbours together. */
function phrases(left: readonly Left[], intent: string): Left[] {
  const told: Left[] = [];
  for (const { at, end, text } of [...left].sort((a, b) => a.at - b.at)) {
    const last = told.at(-1);
    if (at >= 0 && last !== undefined && last.at >= 0 && /^[\s&-]*$/.test(intent.slice(last.end, at))) {
      last.end = Math.max(end, last.end);
      last.text = intent.slice(last.at, last.end);
    } else told.push({ at, end, text: at < 0 ? text : intent.slice(at, end) });
  }
  return told.filter(({ text }, index) => told.findIndex((one) => one.text === text) === index);
}
