// A plan in the making.
import type { Json, PlanStep } from '@errand/contracts';
import type { Clause, Intent } from '../intent/intent.ts';
import type { Value } from '../intent/value.ts';
import { type Term, words } from '../lexicon/words.ts';
import type { Catalog } from '../tools/catalog.ts';
import type { Slot } from '../tools/inputs.ts';
import type { Operation } from '../tools/operation.ts';
import type { Field } from '../tools/outputs.ts';

export type Filled = {
  slot: Slot;
  value: Json;
  /** Values of the intent that it stands for. */
  used: readonly Value[];
  /** Words of the intent that it stands for. */
  said: readonly Term[];
  /** Where words that deny stand ("no", "cannot") that it heeds. */
  denied?: readonly number[];
  sure: number;
};

export type Scope = {
  intent: Intent;
  clause: Clause;
  now: Date;
  /** The goal changes something. */
  writes: boolean;
  /** What is read is what a write is done to. */
  isWrite?: boolean;
  /** Values that nothing has taken yet. */
  free: readonly Value[];
  /** What was worked out before for the same clause. */
  memory: Memory;
};

export type Memory = {
  ways: Map<string, readonly Way[]>;
  /** Of what is read for a description. */
  described?: Memory;
};

/** One way to come by an id. */
export type Way = {
  steps: readonly Step[];
  /** JSONata for the id. */
  id: string;
  /** Where a name is looked up; `own`: what is called so is what the id is of. */
  named?: { operation: Operation; own: boolean };
  /** JSON type of the id where it is read. */
  type?: string;
  used: readonly Value[];
  /** Words that conditions on the rows stand for, and where those stand that deny. */
  said?: readonly Term[];
  denied?: readonly number[];
  /** The id is a list of ids: each of them is meant. */
  each?: boolean;
  score: number;
  /** What speaks against it: loose nouns, rows sifted here, detours. */
  doubt: number;
};

/** One thing that may be done with a value. */
export type Offer = {
  fills: readonly Filled[];
  steps: readonly Step[];
  used: readonly Value[];
  /** A condition on the rows. */
  predicate?: string;
  /** What the rows, or what they are of, are called. */
  called?: Value;
  /** The field of the rows that refers to it. */
  refers?: string;
  sure: number;
  doubt: number;
};

/** What becomes of all values. */
export type Assignment = Omit<Offer, 'refers'> & {
  predicates: readonly string[];
  refers: readonly string[];
  open: readonly Slot[];
};

export type Target = {
  readonly operation: Operation;
  readonly scope: Scope;
  /** Where names are looked up; without it names go to arguments as they are. */
  readonly catalog?: Catalog;
  /** The id of what is described, and not named: values may be left for its description. */
  readonly described?: Slot;
  /** The rows refer to what is named: a name beside their noun is none of their own. */
  readonly ofRow?: boolean;
  /** The arguments of an operation that values tell by themselves. */
  readonly byValues?: (operation: Operation, scope: Scope) => { fills: readonly Filled[]; open: readonly Slot[] };
  /** Steps whose outputs may be used. */
  readonly before?: readonly Step[];
};

/** What a join brought, for the result. */
export type Joined = { step: Step; field: Field; noun: Term };

export type Step = {
  id: string;
  operation: Operation;
  purpose: 'goal' | 'lookup' | 'join';
  args: { slot: Slot; value: Json }[];
  filled: readonly Filled[];
  reason: string;
  /** A value that it is looked up by was said. */
  isSpoken?: boolean;
  /** What its rows, or what they are of, are called. */
  called?: Value;
  /** It is looked up by a name. */
  isByName?: boolean;
  /** Its rows over every page, as JSONata, where they are surely all. */
  all?: string;
  pages?: PlanStep['pages'];
  forEach?: string;
  when?: string;
};

export type Draft = {
  steps: readonly Step[];
  goal: Step;
  used: ReadonlySet<Value>;
  /** Required slots that nothing fills. */
  missing: readonly Slot[];
  /** Words of the intent that conditions, order and figures stand for. */
  said: ReadonlySet<Term>;
  /** Where words that deny stand ("no", "without") that it heeds. */
  denied: ReadonlySet<number>;
  /** Conditions on the rows of the goal that the service cannot check. */
  conditions: readonly string[];
  /** What it is done to is told by what holds of it, and not by a name. */
  isDescribed: boolean;
  /** What speaks against the lookups that it needs, summed. */
  doubt: number;
  /** How surely values are what they were taken for, summed. */
  sure: number;
  /** Some of the conditions are the service's own bounds made strict, so that its answer is narrow already. */
  narrowed: boolean;
  /** Only rows of the newest period count: paths of the day of a row, and of the fields that say its period (else its month does). */
  newest?: { date: readonly string[]; period: readonly (readonly string[])[] };
};

/** Words or a value that nothing takes, as the intent writes them; `at` is −1 where they do not stand in it. */
export type Left = { text: string; at: number; end: number };

export type Rated = {
  draft: Draft;
  scope: Scope;
  /** About one for each word of the intent. */
  total: number;
  /** How strongly the goal speaks of the first thing that is spoken of. */
  focus: number;
  /** What it does not account for. */
  left: readonly Left[];
  /** The draft with the things that its rows refer to, where words ask for them. */
  whole: Draft;
};

const numbers = new WeakMap<Operation, number>();
let count = 0;

/**
 * The id of a step while drafts are weighed: the same call for the same purpose has the same id in every draft. Plans get
 * readable ones.
 */
export function draftId(operation: Operation, purpose: string): string {
  let number = numbers.get(operation);
  if (number === undefined) {
    number = count++;
    numbers.set(operation, number);
  }
  const mark = [...purpose].reduce((sum, letter) => (Math.imul(sum, 31) + letter.codePointAt(0)!) | 0, 7) >>> 0;
  return `d${number}x${mark.toString(36)}x`;
}

/** A short id that tells what the step brings: `accounts`, `deals2`. @param ending what it ends in */
export function readableId(step: Step, taken: ReadonlySet<string>, ending = ''): string {
  const { nouns, marks } = step.operation;
  const said = nouns.length > 0 ? nouns : marks;
  const [first = 'step', ...rest] = said.flatMap(({ text }) => words(text)).slice(0, 3);
  const base = [first, ...rest.map((word) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`)]
    .join('')
    .replace(/[^a-zA-Z0-9_]/g, '')
    .slice(0, 40);
  const id = `${/^[a-zA-Z]/.test(base) ? '' : 'step'}${base}${ending}`;
  for (let number = 1; ; number++) {
    const candidate = number === 1 ? id : `${id}${number}`;
    if (!taken.has(candidate)) return candidate;
  }
}

/** Slots and values as the nested arguments of a call. */
export function nested(args: readonly { slot: Slot; value: Json }[]): Record<string, Json> {
  const made: Record<string, Json> = {};
  for (const { slot, value } of args) {
    let at: Record<string, Json> | Json[] = made;
    for (const [index, part] of slot.at.entries()) {
      const last = index === slot.at.length - 1;
      const key: string | number = Array.isArray(at) ? Number(part) : part;
      const holder = at as Record<string | number, Json>;
      if (last) holder[key] = slot.many && !Array.isArray(value) ? [value] : value;
      // A document may name an argument `constructor`: only what it holds itself counts.
      else if (!Object.hasOwn(holder, key)) holder[key] = slot.at[index + 1] === '0' ? [] : {};
      if (!last) at = holder[key] as Record<string, Json> | Json[];
    }
  }
  return made;
}

/** What names a thing: it is looked up. */
export const isName = ({ kind, preposition }: Value) =>
  kind === 'name' || kind === 'email' || (kind === 'quoted' && preposition !== 'saying');
