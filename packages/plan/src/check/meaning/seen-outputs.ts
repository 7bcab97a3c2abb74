import type { Plan } from '@errand/contracts';
import { ASK } from '../../tools/ask.ts';
import { type Doubt, doubtOf, type Evidence } from './doubt.ts';
import type { Literal } from './literals.ts';
import { addressesOf, isMoment } from './literals.ts';
import { isOfTool } from './made-up.ts';
import type { UserTexts } from './user-texts.ts';

/** Shorter texts and members, and smaller numbers, occur in any answer. */
const MIN_TEXT = 3;
const MIN_MEMBER = 6;
const MIN_NUMBER = 10;
/** Maximum number of members compared. */
const MAX_MEMBERS = 5000;
const BIND = 'Bind it to the output that holds it ({"$": "steps.…"}), so that people see where it comes from.';

/** Answers of services before planning. They may have been written to mislead the planner. */
export class SeenOutputs {
  readonly #text: string;
  readonly #members: readonly string[];

  /** @param outputs JSON texts, possibly cut */
  constructor(outputs: readonly string[]) {
    this.#text = outputs.join('\n').toLowerCase();
    const members = [...this.#text.matchAll(/"((?:[^"\\]|\\.)*)"(\s*:)?/g)].flatMap(([, text, key]) =>
      key ? [] : text!,
    );
    this.#members = [...new Set(members)].filter(({ length }) => length >= MIN_MEMBER).slice(0, MAX_MEMBERS);
  }

  /** Whether an answer contains a value, alone or in a longer text. */
  contains(value: string | number): boolean {
    const needle = JSON.stringify(String(value).trim().toLowerCase()).slice(1, -1);
    if (needle.length < (typeof value === 'number' ? 2 : MIN_TEXT)) return false;
    for (let at = this.#text.indexOf(needle); at >= 0; at = this.#text.indexOf(needle, at + 1))
      if (!/\w/.test(this.#text[at - 1] ?? ' ') && !/\w/.test(this.#text[at + needle.length] ?? ' ')) return true;
    return false;
  }

  /** The members of answers that a text contains. */
  membersIn(text: string): string[] {
    const haystack = JSON.stringify(text.toLowerCase());
    return this.#members.filter((member) => haystack.includes(member));
  }
}

/** Literals of new steps that only an answer contains. */
export function seenLiterals({ steps }: Plan, { tools, userTexts, literals, seenOutputs, isKnown }: Evidence): Doubt[] {
  if (!seenOutputs) return [];
  return steps.flatMap((step, index) => {
    const tool = tools.get(step.tool);
    if (tool === undefined || tool.name === ASK.name || isKnown(step)) return [];
    const at = `/steps/${index}/args`;
    return literals.get(step)!.literals.flatMap((literal) => {
      if (isOfTool(literal, tool, at)) return [];
      return seenIn(literal, userTexts, seenOutputs).map((value): Doubt => {
        const why = `${JSON.stringify(value)} comes from an answer of a service, and no person named it.`;
        return { ...doubtOf(literal.pointer, why, BIND), asks: true };
      });
    });
  });
}

/** The first value in a literal that an answer contains and no person named. */
function seenIn(
  literal: Literal,
  userTexts: UserTexts,
  seenOutputs: NonNullable<Evidence['seenOutputs']>,
): (string | number)[] {
  const { value, whole } = literal;
  if (typeof value === 'number')
    return Math.abs(value) >= MIN_NUMBER && !userTexts.includesNumber(value) && seenOutputs.contains(value)
      ? [value]
      : [];
  if (isMoment(value) && userTexts.includesDay(value)) return [];
  if (whole && !userTexts.includes(value) && seenOutputs.contains(value)) return [value.slice(0, 200)];
  const addresses = addressesOf(literal).filter(
    (address) => !userTexts.includesAddress(address) && seenOutputs.contains(address),
  );
  const members = seenOutputs.membersIn(value).filter((member) => !userTexts.includes(member));
  return [...addresses, ...members].slice(0, 1).map((text) => text.slice(0, 200));
}
