// How well a draft does what was asked, and which may become a plan.

import { isOfSeveral, sumField } from '../answer/result.ts';
import { isQuestion } from '../intent/mood.ts';
import { allTerms, best, isAmong, isSame, type Term, term, terms } from '../lexicon/words.ts';
import { verbClasses } from '../tools/action.ts';
import { type Catalog, worth } from '../tools/catalog.ts';
import type { Slot } from '../tools/inputs.ts';
import { fieldsOf, type Operation, rowFieldsOf } from '../tools/operation.ts';
import { isAbout } from './account/account.ts';
import { isCalledFor } from './account/spoken.ts';
import type { Draft, Rated, Scope, Step } from './draft.ts';

const FOCUS = 1.3;
const [SEND, PERSON, ASSIGN] = [term('send'), term('person'), term('assign')];

/** How strongly an operation, with what was filled in, speaks of a word. */
function evidence(word: Term, { operation, filled }: Step): number {
  const { outline, nouns, marks, parents, verbs } = operation;
  const among = (lists: readonly { names: readonly Term[] }[]) =>
    lists.reduce((top, { names }) => Math.max(top, best(word, names)), 0);
  return Math.max(
    filled.some(({ said }) => said.includes(word)) ? 1 : 0,
    best(word, nouns),
    0.95 * best(word, marks),
    0.75 * best(word, parents),
    0.9 * best(word, verbs),
    0.7 * among([...filled.map(({ slot }) => slot), ...outline.lists]),
    0.55 * among(fieldsOf(operation)),
  );
}

/** Rates a draft; the unit is about one word of the intent. */
export function score(
  { steps, goal, sure, doubt, missing, said }: Draft,
  scope: Scope,
  catalog: Catalog,
): Pick<Rated, 'total' | 'focus'> {
  const { clause, intent } = scope;
  // "Who is on the waiting list": a state that is placed counts where it is asked for.
  const isAsked = !scope.writes && isQuestion(clause.text) && clause.denials.length === 0;
  const covered = [...clause.topics, ...intent.background].reduce((sum, { term, weight }) => {
    const speaks = Math.max(
      said.has(term) && isAsked ? 0.8 : 0,
      ...steps.map((step) => evidence(term, step) * (step === goal ? 1 : 0.85)),
    );
    return sum + weight * worth(catalog, term) * speaks;
  }, 0);
  const first = clause.topics.find(({ weight }) => weight >= 0.5) ?? clause.topics[0];
  const focus = first === undefined ? 0 : evidence(first.term, goal);
  const strange = steps.reduce((sum, step) => sum + strangeness(step, scope, step === goal), 0);
  const action = scope.writes ? suits(goal.operation, clause, goal) : 0;
  const cost = 0.4 * (steps.length - 1) + 5 * missing.length;
  return { focus, total: covered * 1.4 + FOCUS * focus + 0.5 * sure + action - doubt - strange - cost };
}

/** What the operation is about and nobody asked for. */
function strangeness({ operation, filled }: Step, { clause, intent, free }: Scope, isGoal: boolean): number {
  const known = [
    ...[...clause.topics, ...intent.background].map(({ term }) => term),
    ...free.flatMap((value) => [...value.before.slice(0, 2), ...value.after.slice(0, 1)]),
    ...clause.picking.asks,
    ...(clause.verb ? [clause.verb] : []),
    ...filled.flatMap(({ said, slot }) => [...said, ...slot.names]),
  ];
  const { nouns, parents, marks } = operation;
  const strange = (list: readonly Term[], price: number, most: number) =>
    price * Math.min(most, list.filter((one) => best(one, known) < 0.55).length);
  const own = marks.filter((one) => best(one, [...nouns, ...parents]) < 0.8);
  return (
    strange(nouns, isGoal ? 0.6 : 0.15, 2) +
    strange(parents, isGoal ? 0.3 : 0.05, 3) +
    strange(own, isGoal ? 0.3 : 0.2, 3)
  );
}

/** How well an operation's action is what the verb asks for; −9 when it is not. */
export function suits(operation: Operation, { moods, verb, topics, news }: Scope['clause'], goal?: Step): number {
  const { action, verbs, nouns } = operation;
  const alike =
    verb === undefined
      ? 0
      : news && isDoneBy(operation, verb)
        ? 1
        : Math.max(best(verb, verbs), verb.text === 'give' ? best(ASSIGN, verbs) : 0);
  const exact = alike >= 0.79 ? 1 + alike : 0;
  const order = moods.filter((mood) => mood !== 'read').indexOf(action as 'create');
  // "Acknowledge a fault", by whatever method, is no update.
  const isOwn =
    action === 'update' && verbs.length > 0 && !verbs.some(({ text }) => verbClasses(text).includes('update'));
  // What has happened is done by what says so, and by no other change.
  const isTold = !news || verb?.text === 'change';
  const byClass = order >= 0 && isTold && !((action === 'act' || isOwn) && exact === 0) ? 1.3 - 0.3 * order : 0;
  // "refund payment 9" is the making of a refund, "comment on it" of a comment.
  // "Write an email": a verb of its own that names what it makes.
  const makes =
    action === 'act' && moods.includes('create') && topics.slice(0, 1).some(({ term: one }) => best(one, verbs) >= 0.8);
  const asNoun = action === 'create' && verb !== undefined ? 1.2 * best(verb, nouns) : 0;
  // "close ticket 12" by an update that sets the status to closed.
  const sets = goal?.filled.some(
    ({ said, used }) =>
      (!news || used.length === 0) && said.some((one) => one.lemma === verb?.lemma || one.root === verb?.root),
  );
  // "Accept the appeal" is a decision that is told to be accepted, of an appeal that is there.
  const decides =
    verb !== undefined &&
    topics.some(({ term: one }) => isAmong(one, nouns)) &&
    operation.slots.some(({ sent, use, noun }) => sent && use === 'id' && noun.some((one) => isAmong(one, nouns))) &&
    operation.slots.some((slot) => isDecision(slot, verb)) &&
    (goal === undefined || goal.filled.some(({ slot, said }) => isDecision(slot, verb) && said.includes(verb)));
  // "Text Ada", "email Ada": a message by that way.
  const isMedium = verb !== undefined && /^(?:text message|e ?mail|mail|message|sms)$/.test(verb.text);
  const about = [...nouns, ...(goal?.operation.marks ?? []), ...(goal?.filled.flatMap(({ said }) => said) ?? [])];
  const sends =
    isMedium &&
    best(SEND, verbs) === 1 &&
    (goal === undefined || about.some((one) => best(verb, [one]) >= 0.8 || verb.text.startsWith(one.text)));
  const most = Math.max(
    exact,
    sends ? 1.1 : 0,
    byClass,
    action === 'update' && sets ? 1.2 : 0,
    asNoun >= 0.9 ? asNoun : 0,
    makes ? 1.1 : 0,
    decides ? 1.2 : 0,
  );
  return most === 0 || (SPEAKS.test(verb?.text ?? '') && !isSpoken(verb!, operation)) ? -9 : most;
}

/** What must be told how something is decided, and may be told so. */
const isDecision = ({ sent, required, name, shape }: Slot, verb: Term): boolean =>
  sent &&
  required &&
  DECISION.test(name) &&
  (shape.enum ?? []).some((one) => typeof one === 'string' && one.endsWith('ed') && isSame(verb, term(one)));
const DECISION =
  /(?:^|_)(?:decision|outcome|verdict|resolution|answer)$|(?:Decision|Outcome|Verdict|Resolution|Answer)$/;

/** "Invoice 5 was paid": what marks it as paid, or records that it was. */
const isDoneBy = ({ tool: { title = '' }, verbs }: Operation, done: Term): boolean =>
  isAmong(done, [...allTerms(title), ...verbs]) || (done.text === 'received' && RECEIVED.test(title));
const RECEIVED = /\b(?:come|came|comes) in\b|\b(?:receipt|arriv\w+)\b/i;

/** Verbs that give a text: only what is about texts does it, whatever else takes one. */
const SPEAKS = /^(?:answer|comment|message|note|jot|jot down|reply|respond|tell|write)$/;
const TEXTS = terms('message comment note reply email letter post');

const isSpoken = (verb: Term, { verbs, nouns, marks }: Operation): boolean =>
  [...verbs, ...nouns, ...marks].some((one) => isAmong(one, [verb, ...TEXTS]));

/** "Note on ticket 5": a ticket that is there is none to be made. */
const isThere = ({ operation: { action, nouns }, filled }: Step): boolean =>
  action === 'create' &&
  filled.some(
    ({ used, value }) =>
      typeof value === 'object' &&
      used.some(
        ({ kind, type }) =>
          (kind === 'id' || kind === 'number') && type.some((one) => nouns.slice(-1).some((noun) => isSame(noun, one))),
      ),
  );

/** Whether a draft has all that it needs and accounts for all that was said; one that writes does what the verb says to its object. */
export function isGood({ draft, whole, scope, left, total }: Rated, catalog: Catalog): boolean {
  // "Which rooms": several, and not the one that some row refers to.
  const { single } = draft.goal.operation;
  const isOne = single && draft.goal.operation.outline.rows === undefined && draft.goal.forEach === undefined;
  if (!scope.writes && isOne && isOfSeveral(draft.goal, scope.clause)) return false;
  if (draft.missing.length > 0 || left.length > 0 || !isCalledFor(draft, scope)) return false;
  if (!scope.writes && isOfOther(draft, scope)) return false;
  // "Report it as found" is not "Report a cask as lost".
  const [, as] = /\bas (\w{3,})$/i.exec(draft.goal.operation.tool.title ?? '') ?? [];
  const isTold = as === undefined || new RegExp(`\\b${as}\\b`, 'i').test(scope.clause.text);
  if (scope.writes && !isTold) return false;
  // An update that is told nothing to set is none.
  const { action, slots, nouns } = draft.goal.operation;
  // The id of what it is done to is nothing to set.
  const isSet = ({ sent, use, noun }: Slot) => sent && !(use === 'id' && noun.some((one) => isAmong(one, nouns)));
  const isEmpty =
    action === 'update' && slots.some(isSet) && !draft.goal.filled.some(({ slot, sure }) => isSet(slot) && sure > 0.1);
  if (scope.writes && (isEmpty || isThere(draft.goal))) return false;
  return scope.writes
    ? suits(draft.goal.operation, scope.clause, draft.goal) > 0 && isObject(draft, scope, catalog)
    : total > 0 && isNamed(draft, scope) && isAbout(whole, scope, catalog);
}

/** "How high is Cold Fell", "when is the relaunch due": what stands on a thing is no list of others that belong to it. */
const OF_ONE = /^\s*(?:when|where|how\s+(?!many|much|often)\p{L}+)\s+(?:is|are|was|were|does|did|do|has|will)\b/iu;
const isOfOther = ({ goal, used }: Draft, { clause }: Scope): boolean =>
  OF_ONE.test(clause.text) &&
  goal.operation.outline.rows !== undefined &&
  goal.called === undefined &&
  clause.picking.top === undefined &&
  [...used].some(({ kind, fromContext }) => kind === 'name' && !fromContext) &&
  !clause.topics.some(({ term: one }) => goal.operation.nouns.some((noun) => best(one, [noun]) >= 0.7));

/** What a verb is done to is what the tool is about, or what it sets. */
function isObject({ goal, said, used }: Draft, { clause }: Scope, catalog: Catalog): boolean {
  const first = clause.topics.find(({ weight, term }) => weight >= 0.5 && !said.has(term));
  // What does the very thing that the verb says may be told by all of its title: "Register an owner (client)".
  const { nouns, verbs, marks } = goal.operation;
  const isVery = clause.verb !== undefined && best(clause.verb, verbs) === 1;
  const own = [
    ...nouns,
    ...verbs,
    ...(isVery ? marks : []),
    ...goal.filled.flatMap(({ slot, said }) => [...said, ...slot.names]),
  ];
  // "Release SB-2011 from quarantine": the object is what has that name.
  const isValue = first !== undefined && [...used].some(({ at, fromContext }) => !fromContext && at < first.at);
  if (first === undefined || isValue) return true;
  return isAmong(first.term, own) || (!catalog.knows(first.term) && best(first.term, own) >= 0.7);
}

/** A word or a value of the intent speaks of what is read. */
function isNamed({ steps, used, goal }: Draft, { clause }: Scope): boolean {
  const { picking, topics } = clause;
  const own = steps.flatMap(({ operation }) => [...operation.nouns, ...operation.parents, ...operation.marks]);
  // "How many cats are there": a kind of what is listed.
  // "Vegan main courses": those of a course.
  const isMany = (one: Term) => one.text !== one.lemma;
  const isKind = steps.some(({ filled }) =>
    filled.some(
      ({ said, slot }) =>
        said.some(isMany) ||
        (said.length > 0 && slot.shape.enum && topics.some(({ term }) => isMany(term) && isAmong(term, slot.names))),
    ),
  );
  // "Who is on reception", "how much is overdue": what is asked for is of one kind.
  const rows = rowFieldsOf(goal.operation);
  const isFiltered = goal.filled.some(({ said }) => said.length > 0);
  const isPeople = picking.asks.includes(PERSON) && best(PERSON, goal.operation.nouns) >= 0.7;
  const isAsked = isFiltered && (isPeople || sumField(picking, rows, { topics }) !== undefined);
  // A time alone says nothing of what: "who joined this year".
  const isTelling = [...used].some(({ kind }) => kind !== 'moment' && kind !== 'period');
  const told = steps.flatMap(({ operation }) => [
    ...[operation.claim, operation.about, operation.service].flat(),
    ...fieldsOf(operation).flatMap(({ names, about }) => [...names, ...about]),
  ]);
  // "How many no-shows in October": the state is asked for by a word that is none of its own.
  const isState = goal.filled.some((one) => one.slot.shape.enum !== undefined && one.used.length === 0);
  const isTimed =
    used.size > 0 && (isState || topics.some(({ term }) => isAmong(term, told) || best(term, told) >= 0.7));
  return isTelling || isTimed || isKind || isAsked || topics.some(({ term }) => best(term, own) >= 0.6);
}
