// Values that no schema can be trusted to refuse, on every transport. Iterative: the depth is the attacker's choice.
import { ProblemError } from './contract.ts';
import { pointer } from './invalid.ts';

/** Levels of objects and arrays; jsonb, JSON.stringify and structuredClone all fail on much deeper ones. */
const MAX_DEPTH = 64;

const goodString = (text: string) => !text.includes('\0') && text.isWellFormed();

/**
 * Refuses NUL and lone surrogates in strings and keys, `__proto__` keys, `constructor.prototype`, and more than 64 levels.
 * @throws ProblemError `invalid_string`, `invalid_json` or `json_too_deep`
 */
export function checkValue(root: unknown): void {
  if (typeof root === 'string') {
    if (!goodString(root)) throw badString('');
    return;
  }
  if (!isHolder(root)) return;
  const fault = walk(root, false);
  // The pointer is worked out only when it is needed.
  if (fault) throw walk(root, true);
}

/** Objects and arrays of one depth, and the pointers to them; no pointers unless they are needed. */
type Level = { holders: object[]; paths: string[] };

function walk(root: object, withPaths: boolean): ProblemError | undefined {
  let level: Level = { holders: [root], paths: [''] };
  for (let depth = 1; level.holders.length > 0; depth++) {
    if (depth > MAX_DEPTH) {
      return new ProblemError('json_too_deep', `Objects and arrays are nested over ${MAX_DEPTH} levels deep.`);
    }
    const next: Level = { holders: [], paths: [] };
    for (let i = 0; i < level.holders.length; i++) {
      const fault = checkMembers(level.holders[i]!, withPaths ? level.paths[i] : undefined, next);
      if (fault) return fault;
    }
    level = next;
  }
  return undefined;
}

/** Checks the members of an object or an array, and adds those that have members to the next level. */
function checkMembers(holder: object, path: string | undefined, next: Level): ProblemError | undefined {
  const hasNames = !Array.isArray(holder);
  for (const key of Object.keys(holder)) {
    const at = path === undefined ? '' : path + pointer([key]);
    const value = (holder as Record<string, unknown>)[key];
    const fault = hasNames ? nameFault(key, value, at) : undefined;
    if (fault) return fault;
    if (typeof value === 'string' && !goodString(value)) return badString(at);
    if (isHolder(value)) {
      next.holders.push(value);
      next.paths.push(at);
    }
  }
  return undefined;
}

function nameFault(key: string, value: unknown, at: string): ProblemError | undefined {
  if (isBadKey(key, value)) return badKey(at);
  return goodString(key) ? undefined : badString(at);
}

const isHolder = (value: unknown): value is object => typeof value === 'object' && value !== null;

const isBadKey = (key: string, value: unknown): boolean =>
  key === '__proto__' || (key === 'constructor' && isHolder(value) && Object.hasOwn(value, 'prototype'));

const badString = (path: string) =>
  new ProblemError('invalid_string', 'A string or a key contains a NUL character or a lone surrogate.', {
    errors: [{ pointer: path, message: 'Holds a NUL character or a lone surrogate' }],
  });

export const badKey = (path: string) =>
  new ProblemError('invalid_json', 'Keys named __proto__ and constructor.prototype are not accepted.', {
    errors: [{ pointer: path, message: 'Key not accepted' }],
  });
