// Rejects values that schemas accept but Postgres or JavaScript cannot store safely. It runs before zod, on every transport.
// It is iterative, because the caller chooses the depth.
import { ProblemError } from './contract.ts';
import { pointer } from './input-errors/pointer.ts';

/** Levels of objects and arrays; jsonb, JSON.stringify and structuredClone all fail on much deeper ones. */
const MAX_DEPTH = 64;

/** Members of one object. Schemas check each name of a record, and each refused name is an issue: 70,000 take seconds. */
const MAX_MEMBERS = 10_000;

const isValidString = (text: string) => !text.includes('\0') && text.isWellFormed();

/**
 * Rejects NUL and lone surrogates in strings and keys, `__proto__` keys, `constructor.prototype`, numbers out of range, objects with over
 * 10,000 members, and more than 64 levels.
 * @throws ProblemError `invalid_string`, `invalid_json`, `json_too_deep` or `validation_failed`
 */
export function checkValue(root: unknown): void {
  if (typeof root === 'string') {
    if (!isValidString(root)) throw invalidString('');
    return;
  }
  if (!isContainer(root)) return;
  const fault = findFault(root, false);
  // Pointers are only computed for a fault: they cost more than the check.
  if (fault) throw findFault(root, true);
}

/** Objects and arrays of one depth, and the pointers to them; no pointers unless they are needed. */
type Level = { containers: object[]; pointers: string[] };

function findFault(root: object, withPointers: boolean): ProblemError | undefined {
  let level: Level = { containers: [root], pointers: [''] };
  for (let depth = 1; level.containers.length > 0; depth++) {
    if (depth > MAX_DEPTH) return tooDeep();
    const next: Level = { containers: [], pointers: [] };
    for (let i = 0; i < level.containers.length; i++) {
      const fault = checkMembers(level.containers[i]!, withPointers ? level.pointers[i] : undefined, next);
      if (fault) return fault;
    }
    level = next;
  }
  return undefined;
}

/** Checks the members of an object or an array, and adds those that have members to the next level. */
function checkMembers(container: object, parentPointer: string | undefined, next: Level): ProblemError | undefined {
  // The keys of a list would be as many texts.
  const keys = Array.isArray(container) ? undefined : Object.keys(container);
  const count = keys?.length ?? (container as unknown[]).length;
  if (keys && count > MAX_MEMBERS) return tooManyMembers(parentPointer ?? '', count);
  for (let n = 0; n < count; n++) {
    const key = keys?.[n] ?? n;
    const memberPointer = parentPointer === undefined ? '' : parentPointer + pointer([key]);
    const value = (container as Record<string | number, unknown>)[key];
    const fault = findNameFault(key, value, memberPointer) ?? findValueFault(value, memberPointer);
    if (fault) return fault;
    if (isContainer(value)) {
      next.containers.push(value);
      next.pointers.push(memberPointer);
    }
  }
  return undefined;
}

function findValueFault(value: unknown, path: string): ProblemError | undefined {
  if (typeof value === 'string') return isValidString(value) ? undefined : invalidString(path);
  return typeof value === 'number' && !Number.isFinite(value) ? outOfRange(path) : undefined;
}

/** @param key the index of an item has no fault */
function findNameFault(key: string | number, value: unknown, memberPointer: string): ProblemError | undefined {
  if (typeof key === 'number') return undefined;
  if (isForbiddenKey(key, value)) return forbiddenKey(memberPointer);
  return isValidString(key) ? undefined : invalidString(memberPointer);
}

export const tooDeep = () =>
  new ProblemError('json_too_deep', `Objects and arrays are nested over ${MAX_DEPTH} levels deep.`);

const isContainer = (value: unknown): value is object => typeof value === 'object' && value !== null;

const isForbiddenKey = (key: string, value: unknown): boolean =>
  key === '__proto__' || (key === 'constructor' && isContainer(value) && Object.hasOwn(value, 'prototype'));

const invalidString = (path: string) =>
  new ProblemError('invalid_string', 'A string or a key contains a NUL character or a lone surrogate.', {
    errors: [{ pointer: path, message: 'Holds a NUL character or a lone surrogate' }],
  });

/** JSON.parse reads a number beyond the range of doubles as Infinity, which JSON cannot have. */
const outOfRange = (path: string) =>
  new ProblemError('validation_failed', `${path}: A number is out of range.`, {
    errors: [{ pointer: path, message: 'Number out of range' }],
  });

const tooManyMembers = (path: string, count: number) =>
  new ProblemError('invalid_json', `An object has ${count} members; at most ${MAX_MEMBERS} are accepted.`, {
    errors: [{ pointer: path, message: `More than ${MAX_MEMBERS} members` }],
  });

export const forbiddenKey = (path: string) =>
  new ProblemError('invalid_json', 'Keys named __proto__ and constructor.prototype are not accepted.', {
    errors: [{ pointer: path, message: 'Key not accepted' }],
  });
