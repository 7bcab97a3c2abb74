// Builds drafts around one goal operation: its arguments, the lookups that they need, the conditions left for here.
import { asType, bind } from '../answer/jsonata.ts';
import { lengthIn } from '../answer/lengths.ts';
import { isOfSum, isOrdered, sumField } from '../answer/result.ts';
import { type Term, words } from '../lexicon/words.ts';
import type { Catalog } from '../tools/catalog.ts';
import type { Slot } from '../tools/inputs.ts';
import { type Operation, rowFieldsOf } from '../tools/operation.ts';
import { alone, assign } from './assign.ts';
import { waysTo, waysWithin } from './chain.ts';
import { siftings, strictly } from './conditions.ts';
import { describedWays } from './described.ts';
import { type Assignment, type Draft, draftId, isName, type Scope, type Step, type Way } from './draft.ts';
import { headline } from './headline.ts';
import { tune } from './tune.ts';

type Base = {
  readonly operation: Operation;
  readonly scope: Scope;
  readonly catalog: Catalog;
  readonly before: readonly Step[];
};

type Branch = Assignment & {
  missing: readonly Slot[];
  /** The id of what is described. */
  described?: Slot | undefined;
  /** What the way to it says beside values. */
  by?: Pick<Way, 'said' | 'denied' | 'each' | 'id'>;
};

const AGGREGATES = 'average mean avg total sum combined overall add adds come comes amount amounts'.split(' ');
/** Drafts for one operation that are looked at. */
const DRAFTS = 8;
/** Ways to one id that are looked at. */
const WAYS = 5;

/**
 * Drafts that end in an operation, one for each promising assignment and way to come by what it needs.
 * @param before steps of earlier clauses, whose outputs may be used
 */
export function compose(base: Base): Draft[] {
  const plain = assign(base).slice(0, DRAFTS);
  const [first, ...more] = base.operation.slots.filter(({ use, required }) => use === 'id' && required);
  // Of what stands within another thing either may be told by what holds of it.
  const told = first === undefined ? [] : [first, ...more.slice(-1)];
  const isPlaced = plain.some(
    ({ used, open }) => open.length === 0 && base.scope.free.every((one) => used.includes(one)),
  );
  const isLoose = base.scope.writes || (base.scope.free.length > 0 && !isPlaced);
  const loose = (isLoose ? told : []).flatMap((described) =>
    assign({ ...base, described })
      .slice(0, DRAFTS)
      .map((assigned): Branch => ({ ...assigned, missing: [], described })),
  );
  return [...plain.map((assigned): Branch => ({ ...assigned, missing: [] })), ...loose]
    .flatMap((branch) =>
      branch.open.reduce<Branch[]>(
        (branches, slot) => branches.flatMap((one) => extend(one, slot, base)).slice(0, DRAFTS),
        [branch],
      ),
    )
    .map((branch) => draftOf(branch, base));
}

/** What is required and no value told: a text in the words of the intent, or an id that other calls bring. */
function extend(branch: Branch, slot: Slot, { operation, scope, catalog, before }: Base): Branch[] {
  const { fills, steps, used, doubt } = branch;
  const lost = { ...branch, missing: [...branch.missing, slot] };
  if (slot.use !== 'id') {
    const text = headline(slot, operation, scope);
    if (text === undefined) return [lost];
    return [{ ...branch, fills: [...fills, { slot, value: text, used: [], said: [], sure: 0.5 }] }];
  }
  const taken = [...before, ...steps];
  const rest = scope.free.filter((value) => !used.includes(value));
  // A name goes only where the words beside it let it: that was weighed already.
  const free = rest.filter((value) => !isName(value));
  const search = { catalog, taken, depth: 0, byValues: alone };
  const ways =
    slot === branch.described
      ? describedWays(slot, { operation, scope: { ...scope, free: rest }, catalog, before: taken, fills })
      : [
          ...waysWithin(slot, fills, { ...search, scope: { ...scope, free: rest } }),
          ...waysTo(slot, operation, { ...search, scope: { ...scope, free } }),
        ];
  const made = ways.slice(0, WAYS).map((way): Branch => {
    // An argument that takes a list takes all of them in one call.
    const isList = way.each && slot.many && way.type === slot.shape.type;
    const id = isList ? `[${way.id}]` : asType(way.each ? 'item' : way.id, way.type, slot.shape.type);
    const fill = { slot: isList ? { ...slot, many: false } : slot, value: bind(id), used: way.used, said: [], sure: 1 };
    return {
      ...branch,
      ...(slot === branch.described && { by: isList ? { ...way, each: false } : way }),
      steps: [...steps, ...way.steps.filter((step) => !taken.some(({ id }) => id === step.id))],
      fills: [...fills, fill],
      used: [...used, ...way.used],
      doubt: doubt + way.doubt,
    };
  });
  return made.length > 0 ? made : [lost];
}

function draftOf({ fills, steps, used, missing, doubt, sure, by, ...rest }: Branch, { operation, scope }: Base): Draft {
  const { picking, topics, at, text, copy = 0 } = scope.clause;
  const sifted = scope.writes ? [] : siftings(operation, scope, fills);
  const strict = fills.flatMap((fill) =>
    scope.writes ? [] : fill.used.flatMap((value) => strictly(value, fill.slot, operation) ?? []),
  );
  const predicates = [...rest.predicates, ...sifted.map(({ predicate }) => predicate)];
  const args = fills.map(({ slot, value }) => ({ slot, value }));
  const goal: Step = {
    id: draftId(operation, `goal ${at} ${copy} ${steps.map((step) => step.id).join()}`),
    operation,
    purpose: 'goal',
    filled: fills,
    args: [...args, ...(scope.writes ? [] : tune(operation, args, picking, predicates.length + strict.length > 0))],
    reason: operation.tool.title ?? text.trim().slice(0, 200),
    ...(by?.each && { forEach: by.id }),
    ...(rest.called && { called: rest.called }),
  };
  // Words that an order or a number of rows stands for.
  const cut = [
    ...(picking.top && isOrdered(goal, picking) ? words(picking.top.said) : []),
    ...(picking.count ? ['how many', 'number', 'count'] : []),
    ...(picking.aggregate && sumField(picking, rowFieldsOf(operation), scope.clause) ? AGGREGATES : []),
  ];
  const isFigure = (one: Term) => !scope.writes && isOfSum(scope.clause, rowFieldsOf(operation), one);
  // "How many hours", where rows tell minutes.
  const length = scope.writes ? undefined : picking.counted && lengthIn(rowFieldsOf(operation), picking.counted);
  const isLength = ({ text }: Term) => length !== undefined && text === picking.counted!.text;
  const counted = topics.flatMap(({ term: one }) =>
    cut.includes(one.text) || isFigure(one) || isLength(one) ? [one] : [],
  );
  return {
    goal,
    missing,
    sure,
    steps: [...steps, goal],
    used: new Set(used),
    said: new Set([...sifted.map(({ said }) => said), ...counted, ...(by?.said ?? [])]),
    denied: new Set([...sifted, ...fills, ...(by ? [by] : [])].flatMap(({ denied = [] }) => denied)),
    conditions: [...predicates, ...strict],
    doubt: doubt + 0.4 * sifted.length,
    narrowed: predicates.length === 0,
    isDescribed: by !== undefined,
  };
}
