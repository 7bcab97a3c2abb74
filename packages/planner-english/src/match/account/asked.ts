// What a question word asks for, and an answer does not hold: "when" needs a time of what happened, "how" a way, "how many" what is counted.
import { lengthIn } from '../../answer/lengths.ts';
import { countedFields, sumField } from '../../answer/result.ts';
import type { Clause, Topic } from '../../intent/intent.ts';
import { GENERIC, STOPWORDS } from '../../lexicon/stopwords.ts';
import { best, isAmong, isSame, sameState, type Term, term, terms, words } from '../../lexicon/words.ts';
import { verbClasses } from '../../tools/action.ts';
import { type Catalog, namesOf } from '../../tools/catalog.ts';
import { fieldsOf, type Operation, rowFieldsOf } from '../../tools/operation.ts';
import type { Field } from '../../tools/outputs.ts';
import { isNumeric } from '../../tools/shape.ts';
import { referenceNouns } from '../../tools/sources.ts';
import type { Draft, Scope } from '../draft.ts';
import { has, LOCATED } from '../fit/slots.ts';
import { isTemporal } from '../render.ts';

const AUXILIARY = '(?:was|were|is|are|will|did|does|do|has|have|had)';
const WHEN = new RegExp(`\\bwhen\\s+${AUXILIARY}\\b`, 'i');
const HOW = new RegExp(`(?:^\\s*|\\band\\s+|,\\s*)how(?:\\s+${AUXILIARY}\\b|\\s*[?.!]*\\s*$)`, 'i');
const WHERE = new RegExp(`(?:^\\s*|\\band\\s+|,\\s*)where(?:\\s+${AUXILIARY}\\b|['’]s\\b)`, 'i');
/** What should be, and not what is. */
const PLANNED = /budget|plan|target|estimat|expect|agreed|quota|limit|max|min(?=[A-Z_])|capacity/i;
const PAST = /\bwhen\s+(?:was|were|did|has|have|had)\b/i;
const WAYS = terms('method way means channel');
/** A day by which something should happen is not when it did. */
const DEADLINE = /\b(?:by|until|before|to be|should)\b/i;

/** The words of a question that a draft has no answer to. */
export function unanswered(draft: Draft, scope: Scope, catalog: Catalog): string[] {
  if (scope.writes) return unswitched(draft, scope.clause);
  // "When did Ana place the order": the day of the order.
  const { nouns } = draft.goal.operation;
  const isSaid = scope.clause.topics.some(({ term: one }) => isAmong(one, nouns));
  const isMade = ({ names }: Field, { lemma }: Term) =>
    isSaid && verbClasses(lemma).includes('create') && speaksOfAny(names, [...MADE, ...nouns]);
  const isPast = PAST.test(scope.clause.text);
  return [
    ...unmet(WHEN, draft, { scope, catalog }, (fields, what) =>
      fields.some(
        (field) =>
          isTemporal(field.shape, field.names) &&
          what.every((one) => isTimeOf(field, one, isPast) || isMade(field, one)),
      ),
    ),
    ...unmet(HOW, draft, { scope, catalog }, (fields, what) =>
      fields.some((field) => isWay(field) && what.every((one) => speaks([...field.names, ...field.about], one))),
    ),
    ...uncounted(draft, scope.clause, catalog),
    ...unlocated(draft, scope.clause),
    ...unpaid(draft, scope.clause),
  ];
}

/** "Where do we keep it": a place, and not the id of one. */
function unlocated({ goal, steps }: Draft, { text }: Clause): string[] {
  if (!WHERE.test(text)) return [];
  const isPlace = (field: Field) => has(field.names, LOCATED) && referenceNouns(field).length === 0;
  const told = [goal, ...steps.filter(({ purpose }) => purpose === 'join')];
  const isTold = told.some(({ operation }) => has(operation.nouns, LOCATED) || fieldsOf(operation).some(isPlace));
  return isTold ? [] : ['where'];
}

/** "How much does Ana owe": what is still to be paid, and not what is the price of all; of two figures neither is guessed. */
function unpaid({ goal: { operation, filled } }: Draft, { picking, topics, text }: Clause): string[] {
  const fields = rowFieldsOf(operation);
  if (!/\bow(?:e|es|ed|ing)\b/i.test(text)) return [];
  // What we owe is told by nobody who tells what is owed to us.
  if (/\b(?:we|i)\s+(?:\w+\s+)?owe\b/i.test(text)) return ['owe'];
  const figure = sumField(picking, fields, { topics });
  const isOpen = filled.some(({ said, used }) => used.length === 0 && said.some(isUnpaid));
  const isPartly = ({ name, shape }: Field) =>
    isNumeric(shape) && /paid|balance|outstanding|remaining|(?:^|_)due|Due/.test(name);
  const isOwed = figure !== undefined && isPartly(figure) && !/paid/.test(figure.name);
  const isOnly = figure !== undefined && isOpen && !fields.some((one) => one !== figure && isPartly(one));
  return isOwed || isOnly ? [] : ['owe'];
}

const UNPAID = ['unpaid', 'overdue'].map(term);
/** States in which money is still to be paid. */
export const isUnpaid = (one: Term): boolean => UNPAID.some((other) => sameState(one, other) >= 0.8);

const MADE = terms('created date placed');
const speaksOfAny = (names: readonly Term[], list: readonly Term[]) => list.some((one) => speaks(names, one));

const TEXT = /^(?:note|comment|remark|message)$/;

/** "Note on ticket 5", where a switch tells a note from what else is written, and nobody set it. */
function unswitched({ goal: { operation, filled } }: Draft, { verb, topics }: Clause): string[] {
  const said = [...(verb ? [verb] : []), ...topics.map(({ term: one }) => one)].filter(({ lemma }) => TEXT.test(lemma));
  const switches = operation.slots.filter(
    (slot) =>
      slot.sent && slot.shape.type === 'boolean' && !filled.some((one) => one.slot === slot && one.said.length > 0),
  );
  return said.flatMap((one) => {
    const isSwitched = switches.some(({ about }) => isAmong(one, about));
    return isSwitched && !isAmong(one, operation.claim) ? [one.text] : [];
  });
}

const speaks = (list: readonly Term[], one: Term) => best(one, list) >= 0.8 || isAmong(one, list);

/** @param isPast whether it is asked of what has happened */
function isTimeOf({ name, names, about, shape }: Field, one: Term, isPast: boolean): boolean {
  const isDeadline = DEADLINE.test(`${words(name).join(' ')} ${shape.description}`);
  if (isDeadline) return (!isPast || one.lemma === 'due') && speaks(terms(name), one);
  return speaks(names, one) || isAmong(one, about);
}

const isWay = ({ names, shape }: Field): boolean =>
  has(names, WAYS, 1) || /^how \w+ (?:is|are|was|were|has been)\b/i.test(shape.description);

type Asked = { readonly scope: Scope; readonly catalog: Catalog };
type IsMet = (fields: readonly Field[], what: readonly Term[]) => boolean;

/** "When was INV-7 paid": what stands behind the question word and is nothing that a row is or has must be what a field tells. */
function unmet(question: RegExp, { goal, steps, said }: Draft, { scope, catalog }: Asked, isMet: IsMet): string[] {
  const { clause } = scope;
  const match = question.exec(clause.text);
  if (match === null) return [];
  const { operation, filled } = goal;
  const own = [goal, ...steps.filter(({ purpose }) => purpose === 'join')];
  const fields = own.flatMap((step) => fieldsOf(step.operation));
  const from = clause.at + match.index + match[0].length;
  const told = [...namesOf(operation), ...filled.flatMap((one) => one.said), ...said];
  const isOther = ({ names, shape }: Field, one: Term) => !isTemporal(shape, names) && speaks(names, one);
  // What no tool speaks of is a name, or left over by itself.
  const isOpen = ({ at, weight, term: one }: Topic) =>
    at >= from && weight >= 0.5 && catalog.mentions(one) && !isAmong(one, told) && !fields.some((f) => isOther(f, one));
  const open = clause.topics.filter(isOpen);
  const what = open.map(({ term: one }) => one);
  if (isMet(fields, what)) return [];
  const last = open.at(-1);
  const end =
    last === undefined ? match.index + match[0].length : (last.end ?? last.at + last.term.text.length) - clause.at;
  return [
    clause.text
      .slice(match.index, end)
      .replace(/^(?:and\s+|,\s*)/i, '')
      .trim(),
  ];
}

/** "How many days of leave": rows are counted that are called so, or the one number that is. */
function uncounted({ goal, said }: Draft, clause: Clause, catalog: Catalog): string[] {
  const { picking, topics, text } = clause;
  const { counted, count } = picking;
  const { operation, filled } = goal;
  const { rows } = operation.outline;
  // `budgetHours` are not those that were worked.
  const isPlanned = ({ name, names }: Field) => PLANNED.test(name) && counted !== undefined && isAmong(counted, names);
  if (!PLANNED.test(text) && fieldsOf(operation).some(isPlanned)) return [`how many ${counted?.text}`];
  if (!count || counted === undefined || rows === undefined || STOPWORDS.has(counted.text)) return [];
  const left = [`how many ${counted.text}`];
  const fields = countedFields(rows.fields, counted, topics);
  if (fields.length > 1) return left;
  if (fields.length === 0 && lengthIn(rows.fields, counted) !== undefined) return [];
  // "How many hours" are no number of entries.
  if (fields.length === 0 && /^(?:second|minute|hour)$/.test(counted.lemma)) return left;
  const [, next] = /\bhow many\s+\p{L}+\s+(\p{L}+)/iu.exec(text) ?? [];
  const isNoun = (one: Term) => best(one, operation.nouns) >= 0.7 || isAmong(one, namesOf(operation));
  if (fields.length === 0) {
    // Guests are no clients where bookings tell how many guests there are.
    const isFigure = ({ names, shape }: Field) => isNumeric(shape) && isAmong(counted, names);
    const isElsewhere = catalog.operations.some((one) => one.reads && rowFieldsOf(one).some(isFigure));
    if (isElsewhere && !isAmong(counted, namesOf(operation))) return left;
    const isTold = isAmong(counted, [...filled.flatMap((one) => one.said), ...said]);
    // "How many employees are on leave" are no leave requests.
    if (catalog.isThing(counted) && best(counted, operation.nouns) < 0.7) return left;
    const isCounted = isNoun(counted) || (next !== undefined && isNoun(term(next.toLowerCase())));
    // "How many sick days" are no sick leave requests.
    const head = next === undefined ? undefined : term(next.toLowerCase());
    const isOther =
      isTold && head !== undefined && !STOPWORDS.has(head.text) && !GENERIC.has(head.lemma) && !isNoun(head);
    const isMeant = [...filled.flatMap((one) => one.said), ...said].some(
      (one) => head !== undefined && isSame(one, head),
    );
    if (isOther && !isMeant && !isNoun(counted)) return [`${left[0]} ${head.text}`];
    return isTold || isCounted || GENERIC.has(counted.lemma) ? [] : left;
  }
  const isPicked = topics.some(({ term: one }) => !isSame(one, counted) && best(one, fields[0]!.names) >= 0.7);
  return isPicked || !catalog.operations.some((one) => isRival(one, operation, counted, topics)) ? [] : left;
}

/** "Days of leave": of leave requests, or of leave balances. */
function isRival(other: Operation, own: Operation, counted: Term, topics: readonly Topic[]): boolean {
  const [head, rival] = [own.nouns.at(-1), other.nouns.at(-1)];
  const fields = rowFieldsOf(other);
  if (head === undefined || rival === undefined || isSame(head, rival) || own.nouns.length < 2) return false;
  const isSaid = (one: Term) => topics.some(({ term: said }) => best(said, [one]) >= 0.8);
  const isAlike = own.nouns.slice(0, -1).some((one) => isSaid(one) && isAmong(one, other.nouns));
  return other.reads && !isSaid(head) && isAlike && fields.some(({ names }) => isAmong(counted, names));
}
