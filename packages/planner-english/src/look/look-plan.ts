// A plan that only looks: at lists whose rows may tell what the words are that nothing could be made of.
import type { Plan, PlanRequest, PlanStep } from '@errand/contracts';
import { isPaged, largestPage, withPages } from '../answer/pages.ts';
import type { Intent } from '../intent/intent.ts';
import { best } from '../lexicon/words.ts';
import type { Found } from '../match/candidates.ts';
import { draftId, isName, nested, readableId, type Step } from '../match/draft.ts';
import { suits } from '../match/score.ts';
import type { Catalog } from '../tools/catalog.ts';
import { type Operation, rowFieldsOf } from '../tools/operation.ts';

/** Lists that are looked at, and pages of each. */
const LISTS = 6;
const PAGES = 5;
/** How alike a word must be to what a list holds. */
const SPOKEN = 0.7;
/** Write tools that are named beforehand, at most. */
const WRITES = 20;

/** Lists that are got without knowing anything, one for each kind of thing: those that are spoken of first. */
function listsFor(intent: Intent, { operations }: Catalog): Operation[] {
  const said = [
    ...intent.clauses.flatMap(({ topics, picking }) => [...topics.map(({ term }) => term), ...picking.asks]),
    ...intent.values.flatMap(({ type, ties, before, after }) => [...type, ...ties, ...before, ...after]),
  ];
  const kindOf = ({ nouns, parents, tool }: Operation) =>
    [tool.customerIntegrationId, ...[...parents, ...nouns].map(({ lemma }) => lemma)].join(' ');
  const spoken = ({ nouns }: Operation) => Math.max(0, ...said.map((one) => best(one, nouns)));
  const plain = (one: Operation) => one.marks.length + one.slots.filter(({ required }) => required).length;
  const open = operations.filter(isOpen).sort((a, b) => plain(a) - plain(b));
  const lists = open.filter((one, index) => open.findIndex((other) => kindOf(other) === kindOf(one)) === index);
  // A service that is not spoken of is left alone: nobody is asked for a consent to it.
  const services = new Set(lists.flatMap((one) => (spoken(one) >= SPOKEN ? [one.tool.customerIntegrationId] : [])));
  const isNear = ({ tool }: Operation) => services.size === 0 || services.has(tool.customerIntegrationId);
  return lists
    .filter(isNear)
    .sort((a, b) => spoken(b) - spoken(a))
    .slice(0, LISTS);
}

/** A list that needs to be told nothing, with rows that hold texts. */
const isOpen = (operation: Operation): boolean =>
  operation.reads &&
  rowFieldsOf(operation).some(({ shape }) => shape.type === 'string') &&
  operation.slots.every(({ required }) => !required);

/** The plan that looks at some lists; nothing where none can be looked at, or no tool does what is asked for. */
export function lookPlan(
  request: PlanRequest,
  { intent, catalog }: Pick<Found, 'intent' | 'catalog'>,
): Plan | undefined {
  const writing = intent.clauses.filter(({ moods }) => moods.some((mood) => mood !== 'read'));
  const writes = catalog.operations.filter(
    (one) => !one.reads && writing.some((clause) => one.action === 'update' || suits(one, clause) > 0),
  );
  const lists = writes.length > 0 || (mayRead(intent) && isMet(intent, catalog)) ? listsFor(intent, catalog) : [];
  if (lists.length === 0) return undefined;
  const taken = new Set(request.previous?.plan.steps.map(({ id }) => id));
  const steps = lists.map((operation): PlanStep => {
    const step = listing(operation);
    const id = readableId(step, taken);
    taken.add(id);
    return stepOf(step, id);
  });
  const mayWrite = writes.slice(0, WRITES).map(({ tool }) => tool.name);
  return {
    goal: request.intent.trim().slice(0, 10_000),
    steps,
    then: 'plan',
    ...(mayWrite.length > 0 && { mayWrite }),
  };
}

const mayRead = ({ clauses }: Intent): boolean => clauses.some(({ moods }) => moods.includes('read'));

/** Whether a tool has a word of what is said, or something is named: "Fly to the moon" is nothing to look for. */
const isMet = ({ clauses, values }: Intent, { mentions }: Catalog): boolean =>
  values.some((one) => isName(one) && !one.self) ||
  clauses.some(({ topics }) => topics.some(({ term: one, weight }) => weight >= 0.5 && mentions(one)));

function listing(operation: Operation): Step {
  const limit = operation.slots.find(({ use }) => use === 'limit');
  const args = limit === undefined ? [] : [{ slot: limit, value: largestPage(limit) }];
  const step: Step = { id: draftId(operation, 'look'), operation, purpose: 'lookup', args, filled: [], reason: '' };
  return (isPaged(step) ? withPages(step) : undefined) ?? step;
}

function stepOf({ operation: { tool }, args, pages }: Step, id: string): PlanStep {
  const next = pages && { ...pages, max: PAGES };
  if (next) delete next.complete;
  return {
    id,
    tool: tool.name,
    effect: tool.effect,
    args: nested(args),
    reason: `See what there is: ${tool.title ?? tool.operation}`,
    ...(next && { pages: next }),
  };
}
