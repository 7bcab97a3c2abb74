import type { Json, Plan, PlanStep } from '@errand/contracts';
import { mapLeaves } from '../template/template.ts';
import { parseText } from '../template/text.ts';
import { findSpans } from './spans.ts';
import { isAfterKey, PAIR, stringValueOf, tokenize } from './tokens.ts';

/**
 * A value of a plan that becomes `input.<name>`. `pair`: the key of the context pair from which the plan reads it. `only`: the pointers of
 * the literals that it replaces; all equal ones by default. Actions store it, so its members keep their names.
 */
export type BoundValue = { name: string; value: string | number; pair?: string; only?: readonly string[] };

/** Thrown when a plan would become invalid because an expression is too long. */
export class NotBindable extends Error {}

const MAX_EXPRESSION = 4000;
const MAX_TEXT = 2000;
const COMPARED_NUMBER =
  /((?:<=|>=|!=|<|>|=)\s*)(\d+(?:\.\d+)?)(?![\w.])|(?<![\w.$"'\]])(\d+(?:\.\d+)?)(\s*(?:<=|>=|!=|<|>|=))/g;

/**
 * Replaces values of a plan by bindings on `input`: arguments, parts of the result, and parts of texts and expressions. Texts for people
 * (`goal`, `reason`) and for models (`$fill`) stay: `replaceValuesInPlan` changes them for each run.
 * @throws NotBindable
 */
export function bindInputs(plan: Plan, values: readonly BoundValue[]): Plan {
  // Longer ones first: "Northwind Trading" is not Northwind.
  const binder = new Binder([...values].sort((a, b) => String(b.value).length - String(a.value).length));
  return {
    ...plan,
    steps: plan.steps.map((step) => binder.step(step)),
    ...(plan.result !== undefined && { result: binder.template(plan.result, '/result') }),
  };
}

class Binder {
  constructor(private readonly values: readonly BoundValue[]) {}

  step(step: PlanStep): PlanStep {
    const { pages, say } = step;
    const bound = (['when', 'unless', 'forEach'] as const).flatMap((part) => {
      const binding = step[part];
      return binding === undefined ? [] : [[part, { $: this.expression(binding.$) }] as const];
    });
    return {
      ...step,
      args: this.template(step.args, `/${step.id}/args`) as PlanStep['args'],
      ...Object.fromEntries(bound),
      ...(pages && { pages: { ...pages, next: { $: this.expression(pages.next.$) } } }),
      ...(say !== undefined && { say: this.template(say, `/${step.id}/say`) as NonNullable<PlanStep['say']> }),
    };
  }

  template(template: Json, at: string): Json {
    return mapLeaves(template, ({ hole, value, pointer }) => {
      if (hole?.kind === 'binding') return { $: this.expression(hole.text) };
      if (hole?.kind === 'text') return { $text: this.text(hole.text) };
      return hole === undefined ? this.#literal(value, at + pointer) : value;
    })!;
  }

  #literal(value: Json, pointer: string): Json {
    if (typeof value !== 'string' && typeof value !== 'number') return value;
    const whole = this.values.find(
      (input) => input.pair === undefined && isSame(input.value, value) && isAllowedAt(input, pointer),
    );
    if (whole) return { $: `input.${whole.name}` };
    if (typeof value === 'number') return value;
    const text = this.#bindWithin(value);
    if (text === value) return value;
    if (value.includes('{{') || text.length > MAX_TEXT) throw new NotBindable();
    return { $text: text };
  }

  /** A text with `{{input.name}}` in place of each value. */
  #bindWithin(text: string): string {
    for (const { name, value, pair } of this.values) {
      if (typeof value !== 'string' || pair !== undefined) continue;
      const [span] = findSpans(text, value);
      if (span === undefined) continue;
      const [before, after] = [text.slice(0, span[0]), text.slice(span[1])];
      return `${this.#bindWithin(before)}{{input.${name}}}${this.#bindWithin(after)}`;
    }
    return text;
  }

  text(text: string): string {
    const pieces = parseText(text) ?? [];
    const bound = pieces.map((piece) =>
      'words' in piece ? this.#bindWithin(piece.words) : `{{${this.expression(piece.expression)}}}`,
    );
    const all = bound.join('');
    if (all.length > MAX_TEXT) throw new NotBindable();
    return pieces.length === 0 ? text : all;
  }

  expression(expression: string): string {
    const tokens = tokenize(expression);
    const lowers = /\$lowercase\(/.test(expression);
    const bound = tokens.map((token, index) => {
      // A text before a colon names a member, so it is no value.
      if (token.kind === 'regex' || (token.kind === 'text' && isAfterKey(tokens[index + 1]))) return token.source;
      return token.kind === 'text'
        ? this.#quoted(stringValueOf(token), token.source, lowers)
        : this.#code(token.source);
    });
    const all = bound.join('');
    if (all.length > MAX_EXPRESSION) throw new NotBindable();
    return all;
  }

  #quoted(text: string, source: string, lowers: boolean): string {
    for (const { name, value, pair } of this.values) {
      if (typeof value !== 'string' || pair !== undefined) continue;
      const [span] = findSpans(text, value);
      if (span === undefined) continue;
      const [before, phrase, after] = [text.slice(0, span[0]), text.slice(...span), text.slice(span[1])];
      // A plan that compares in lower case needs the input in lower case too, however the caller writes it.
      const lower = phrase === phrase.toLowerCase() && (lowers || value !== phrase);
      const read = lower ? `$lowercase($$.input.${name})` : `$$.input.${name}`;
      const around = (part: string) => (part === '' ? [] : [this.#quoted(part, JSON.stringify(part), lowers)]);
      const parts = [...around(before), read, ...around(after)];
      return parts.length === 1 ? read : `(${parts.join(' & ')})`;
    }
    return source;
  }

  #code(source: string): string {
    // Reads of context pairs, such as `pairs.account`, become reads of the input that was made of the pair.
    const code = source.replace(PAIR, (whole, prefix: string, quoted?: string, plain?: string) => {
      const bound = this.values.find(({ pair }) => pair !== undefined && pair === (quoted ?? plain));
      return bound ? `${prefix}input.${bound.name}` : whole;
    });
    const numbers = this.values.filter(({ value, pair }) => typeof value === 'number' && pair === undefined);
    return code.replace(
      COMPARED_NUMBER,
      (...[whole, operatorBefore = '', numberAfter, numberBefore, operatorAfter = '']: (string | undefined)[]) => {
        const bound = numbers.find(({ value }) => value === Number(numberAfter ?? numberBefore));
        return bound ? `${operatorBefore}$$.input.${bound.name}${operatorAfter}` : whole!;
      },
    );
  }
}

const isSame = (value: string | number, literal: string | number): boolean =>
  typeof value === typeof literal && String(value).trim().toLowerCase() === String(literal).trim().toLowerCase();

const isAllowedAt = ({ only }: BoundValue, pointer: string): boolean => only === undefined || only.includes(pointer);
