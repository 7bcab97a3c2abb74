import { isRecord } from '@errand/basics/is-record';
import type { Work } from './protocol.ts';

type Check = (value: unknown) => boolean;

const text: Check = (value) => typeof value === 'string';
const number: Check = (value) => typeof value === 'number';
const truth: Check = (value) => typeof value === 'boolean';
const json: Check = (value) => value !== undefined;
const only =
  (expected: unknown): Check =>
  (value) =>
    value === expected;
const maybe =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value);
const either =
  (...checks: readonly Check[]): Check =>
  (value) =>
    checks.some((check) => check(value));
const listOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check);
const object =
  (members: Readonly<Record<string, Check>>): Check =>
  (value) =>
    isRecord(value) &&
    Object.entries(members).every(([name, check]) => check(Object.hasOwn(value, name) ? value[name] : undefined));

const fault = {
  ok: only(false),
  message: text,
  position: maybe(number),
  why: maybe(text),
  refused: maybe(only(true)),
  remedy: maybe(text),
};
const use = object({ path: listOf(text), by: text, sign: maybe(text), value: maybe(either(text, number, truth)) });
const names = {
  ok: only(true),
  roots: listOf(text),
  steps: listOf(object({ id: text, member: maybe(text) })),
  whole: truth,
  unknown: listOf(text),
  functions: listOf(text),
  members: listOf(listOf(text)),
  inner: listOf(object({ name: text, next: maybe(text), of: maybe(listOf(text)) })),
  called: listOf(text),
  uses: listOf(use),
  gives: maybe(text),
};
const outcome = either(object({ ok: only(true), value: json, missing: truth }), object(fault));
const schemaFault = object({
  code: either(...['schema_not_supported', 'schema_pattern_unsupported', 'schema_too_complex'].map(only)),
  pointer: text,
  message: text,
});
const mismatch = object({ pointer: text, message: text });
const verdict = either(
  object({ ok: only(true) }),
  object({ ok: only(false), fault: maybe(schemaFault), errors: listOf(mismatch) }),
);
const missing = object({ pointer: text, expression: text, text: maybe(only(true)) });
const bound = either(
  object({ ok: only(true), args: json, missing: listOf(missing), verdict }),
  object({ ...fault, pointer: text, expression: text }),
);

const shapes: Readonly<Record<Work['op'], Check>> = {
  analyse: listOf(either(object(names), object(fault))),
  evaluate: listOf(outcome),
  checkSchema: either(only(null), schemaFault),
  validate: verdict,
  bind: bound,
};

/** Whether an answer has the form for this work. A child runs untrusted text, so its messages are not trusted. */
export function isAnswer(work: Work, value: unknown): boolean {
  if ('expressions' in work && (value as unknown[] | null)?.length !== work.expressions.length) return false;
  return shapes[work.op](value);
}
