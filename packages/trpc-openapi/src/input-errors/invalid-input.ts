// Converts issues of zod into one expected error with JSON pointers (RFC 6901).

import { type $ZodIssue, type $ZodType, globalRegistry } from 'zod/v4/core';
import { formerFieldsOf, ProblemError } from '../contract.ts';
import { type Definition, definitionOf, fieldsOf } from '../schema.ts';
import { flatten, MAX_ISSUES } from './flat-issue.ts';
import { cut } from './pointer.ts';
import type { FlatIssue } from './union-issues.ts';

/** Bounds a message, which may name many allowed values. */
const MAX_MESSAGE = 1000;

/**
 * @param schema of the input; a schema on the way to the fault with `.meta({ errorCode })` names the code
 * @param issues as zod reports them
 */
export function invalidInput(schema: $ZodType | undefined, issues: readonly $ZodIssue[]): ProblemError {
  const former = schema && formerFieldsOf(schema);
  const isFormer = ({ isUnknown, path }: FlatIssue) => isUnknown === true && former?.names.includes(String(path[0]));
  const flatIssues = issues
    .slice(0, MAX_ISSUES)
    .flatMap((issue) => flatten(issue, []))
    .slice(0, MAX_ISSUES)
    .map((issue) => (former && isFormer(issue) ? { ...issue, message: former.message } : issue));
  const errors = flatIssues.map(({ pointer, message }) => ({
    pointer,
    message: cut(message, MAX_MESSAGE),
  }));
  const code = flatIssues.map((issue) => issue.code ?? (schema && errorCodeAt(schema, issue.path))).find(Boolean);
  const [first] = errors;
  const detail = first ? `${first.pointer || 'The input'}: ${first.message}` : undefined;
  const remedy = flatIssues.some(isFormer) ? former?.remedy : undefined;
  return new ProblemError(code ?? 'validation_failed', detail, { errors, ...(remedy !== undefined && { remedy }) });
}

/** The `errorCode` of the innermost schema on the path that has one. */
function errorCodeAt(schema: $ZodType, path: readonly PropertyKey[]): string | undefined {
  const declaredCode = globalRegistry.get(schema)?.errorCode;
  const def = definitionOf(schema);
  const inner = innerSchemas(def);
  for (const innerSchema of inner) {
    const code = errorCodeAt(innerSchema, path);
    if (code) return code;
  }
  const [key, ...rest] = path;
  if (inner.length === 0 && key !== undefined) {
    const field = String(key);
    const next = (Object.hasOwn(def.shape ?? {}, field) && def.shape?.[field]) || def.element || def.valueType;
    const code = next && errorCodeAt(next, rest);
    if (code) return code;
  }
  return typeof declaredCode === 'string' ? declaredCode : undefined;
}

/** Every `errorCode` of the fields of an input. */
export const declaredCodes = (schema: $ZodType): string[] =>
  [...fieldsOf(schema).fields.values()].flatMap(({ schemas }) =>
    schemas.flatMap((fieldSchema) => errorCodeAt(fieldSchema, []) ?? []),
  );

/** The inner schemas for the same value. */
const innerSchemas = (def: Definition): $ZodType[] =>
  [def.innerType, def.in, def.left, def.right, ...(def.options ?? [])].filter((inner) => inner !== undefined);
