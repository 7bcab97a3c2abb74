import type { Json, Plan, PlanStep } from '@errand/contracts';
import { stringLiteralsIn } from '../../analysis/plan-analysis.ts';
import { expressionsOf, type Hole, leavesOf } from '../../template/template.ts';
import { parseText } from '../../template/text.ts';
import { words } from '../../tools/label.ts';
import { addressesIn, type UserTexts } from './user-texts.ts';

/** A text or number that a plan writes out. */
export type Literal = {
  pointer: string;
  value: string | number;
  /** The last word of its argument's name: "id" of `ownerId`. */
  noun: string;
  /** Whether it is the whole argument, and no part of an expression, of a `$text` or of a `$fill`. */
  whole: boolean;
  /** Whether it is a part of the request's path. */
  inPath: boolean;
};

/** Maximum number of literals checked in one plan. */
const MAX_LITERALS = 2000;

/** The literals of each step. `more`: the step has further, unchecked literals. */
export type PlanLiterals = ReadonlyMap<PlanStep, { literals: readonly Literal[]; more: boolean }>;

export function literalsOfPlan({ steps }: Plan): PlanLiterals {
  let remaining = MAX_LITERALS;
  return new Map(
    steps.map((step, index) => {
      const literals = literalsOf(step.args, `/steps/${index}/args`, remaining + 1);
      const firstLiterals = literals.slice(0, remaining);
      remaining -= firstLiterals.length;
      return [step, { literals: firstLiterals, more: literals.length > firstLiterals.length }];
    }),
  );
}

/** The literals in the arguments of a step, including those in expressions. */
function literalsOf(args: Json, at: string, max: number): Literal[] {
  const allLiterals: Literal[] = [];
  for (const { pointer, path, hole, value } of leavesOf(args, at)) {
    if (allLiterals.length >= max) break;
    const noun = words(path.at(-1) ?? '').replace(/^.* /s, '');
    const isWritten = typeof value === 'string' || typeof value === 'number';
    const literals = hole ? literalsIn(hole) : isWritten ? [{ value, whole: true }] : [];
    allLiterals.push(...literals.map((literal) => ({ pointer, noun, inPath: path[0] === 'path', ...literal })));
  }
  return allLiterals;
}

function literalsIn(hole: Hole): { value: string; whole: boolean }[] {
  const { kind, text } = hole;
  const quoted = expressionsOf(hole)
    .flatMap(stringLiteralsIn)
    .map((value) => ({ value, whole: text.trim().length === value.length + 2 }));
  const pieces = kind === 'text' ? parseText(text) : undefined;
  const unquotedText = pieces?.map((piece) => ('words' in piece ? piece.words : ' ')).join('') ?? text;
  return kind === 'binding' ? quoted : [...quoted, { value: unquotedText, whole: false }];
}

const SEARCH_NOUNS = /^(?:q|query|search|name|title|subject|text|term|keywords?|email|mail)$/;

/** Whether the arguments of a read search for a name or words from people. */
export const searchesUserText = (literals: readonly Literal[], userTexts: UserTexts): boolean =>
  literals.some(
    ({ noun, value }) =>
      SEARCH_NOUNS.test(noun) && typeof value === 'string' && value.length > 2 && userTexts.includes(value),
  );

const ID_NOUNS = new Set(['id', 'ids', 'uuid', 'guid', 'sku', 'iban']);
const PHONE_NOUNS = new Set(['phone', 'mobile', 'tel', 'telephone', 'fax', 'whatsapp']);
/** `per_42`, `INV-2024-7`, UUIDs, long hexadecimal and decimal numbers, `C0AB12XYZ`. */
const ID_FORMS = [
  /^[a-z]{1,8}[_-]\d[\w-]*$/i,
  /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i,
  /^(?=.*\d)[\da-f]{12,}$/i,
  /^\d{5,}$/,
  /^[A-Z]{1,4}(?=[A-Z]*\d)[\dA-Z]{6,}$/,
];
const MOMENT = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)?)?$/;
/** Words that services accept in place of an id, such as "me" and "primary". */
const WORD = /^[a-z]+$/;

export const isMoment = (text: string): boolean => MOMENT.test(text);

export const isIdForm = (text: string): boolean => ID_FORMS.some((form) => form.test(text));

/** Whether a literal identifies one thing of a service. */
export function isId({ value, noun, whole, inPath }: Literal): boolean {
  const text = String(value);
  if (whole && (ID_NOUNS.has(noun) || (inPath && typeof value === 'string'))) return !WORD.test(text);
  return typeof value === 'string' && !isMoment(text) && isIdForm(text);
}

/** The addresses in a literal: in its text, or the whole text where the argument is a phone number. */
export function addressesOf({ value, noun, whole }: Literal): string[] {
  const text = String(value);
  const isPhone = whole && PHONE_NOUNS.has(noun) && text.replace(/\D/g, '').length >= 5;
  return isPhone ? [text] : addressesIn(text);
}
