import { isRecord } from '@errand/basics/is-record';
import type { Work } from './protocol.ts';

type Check = (value: unknown) => boolean;

const isString: Check = (value) => typeof value === 'string';
const isNumber: Check = (value) => typeof value === 'number';
const isBoolean: Check = (value) => typeof value === 'boolean';
const isPresent: Check = (value) => value !== undefined;
function literal(expected: unknown): Check {
  return (value) => value === expected;
}
function optional(check: Check): Check {
  return (value) => value === undefined || check(value);
}
function union(...checks: readonly Check[]): Check {
  return (value) => checks.some((check) => check(value));
}
function listOf(check: Check): Check {
  return (value) => Array.isArray(value) && value.every(check);
}
function shape(members: Readonly<Record<string, Check>>): Check {
  const memberOf = (value: Record<string, unknown>, name: string) =>
    Object.hasOwn(value, name) ? value[name] : undefined;
  const checks = Object.entries(members);
  return (value) => isRecord(value) && checks.every(([name, check]) => check(memberOf(value, name)));
}

const faultMembers = {
  ok: literal(false),
  message: isString,
  position: optional(isNumber),
  explanation: optional(isString),
  refused: optional(literal(true)),
  remedy: optional(isString),
};
const operation = shape({
  path: listOf(isString),
  kind: isString,
  sign: optional(isString),
  value: optional(union(isString, isNumber, isBoolean)),
});
const references = {
  ok: literal(true),
  roots: listOf(isString),
  steps: listOf(shape({ id: isString, member: optional(isString) })),
  readsAll: isBoolean,
  undefinedNames: listOf(isString),
  freeNames: listOf(isString),
  memberPaths: listOf(listOf(isString)),
  nestedRoots: listOf(shape({ name: isString, next: optional(isString), of: optional(listOf(isString)) })),
  calledMembers: listOf(isString),
  operations: listOf(operation),
  resultKind: optional(isString),
};
const outcome = union(shape({ ok: literal(true), value: isPresent, missing: isBoolean }), shape(faultMembers));
const schemaFault = shape({
  code: union(...['schema_not_supported', 'schema_pattern_unsupported', 'schema_too_complex'].map(literal)),
  pointer: isString,
  message: isString,
});
const mismatch = shape({ pointer: isString, message: isString });
const verdict = union(
  shape({ ok: literal(true) }),
  shape({ ok: literal(false), fault: optional(schemaFault), errors: listOf(mismatch) }),
);
const missingValue = shape({ pointer: isString, expression: isString, isTextPart: optional(literal(true)) });
const boundArgs = union(
  shape({ ok: literal(true), args: isPresent, missing: listOf(missingValue), verdict }),
  shape({ ...faultMembers, pointer: isString, expression: isString }),
);

const doubt = shape({ pointer: isString, message: isString, why: isString, asks: optional(literal(true)) });
const planVerdict = union(
  shape({
    ok: literal(true),
    plan: isRecord,
    order: listOf(isString),
    dependencies: listOf(listOf(union(isString, listOf(isString)))),
    doubts: listOf(doubt),
  }),
  shape({ ok: literal(false), complaints: listOf(mismatch), doubts: listOf(doubt) }),
);

const shapes: Readonly<Record<Work['op'], Check>> = {
  analyse: listOf(union(shape(references), shape(faultMembers))),
  evaluate: listOf(outcome),
  checkSchema: union(literal(null), schemaFault),
  validate: verdict,
  bind: boundArgs,
  checkPlan: planVerdict,
};

/** Whether an answer has the form for this work. A child runs untrusted text, so its messages are not trusted. */
export function isAnswer(work: Work, value: unknown): boolean {
  if ('expressions' in work && (value as unknown[] | null)?.length !== work.expressions.length) return false;
  return shapes[work.op](value);
}
