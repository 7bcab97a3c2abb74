// Values that no schema can be trusted to refuse, on every transport. Iterative: the depth is the attacker's choice.
import { ProblemError } from './contract.ts';
import { pointer } from './invalid.ts';

/** Levels of objects and arrays; jsonb, JSON.stringify and structuredClone all fail on much deeper ones. */
const MAX_DEPTH = 64;

/** Not yet in TypeScript's ES2023 library; Node 20 has it. */
type WellFormed = { isWellFormed(): boolean };

const goodString = (text: string) => !text.includes('\0') && (text as unknown as WellFormed).isWellFormed();

/**
 * Refuses NUL and lone surrogates in strings and keys, `__proto__` keys, `constructor.prototype`, and more than 64 levels.
 * @throws ProblemError `invalid_string`, `invalid_json` or `json_too_deep`
 */
export function checkValue(root: unknown): void {
  if (typeof root === 'string') {
    if (!goodString(root)) throw badString('');
    return;
  }
  if (typeof root !== 'object' || root === null) return;
  const fault = walk(root, false);
  // The pointer is worked out only when it is needed.
  if (fault) throw walk(root, true);
}

function walk(root: object, withPaths: boolean): ProblemError | undefined {
  let level: object[] = [root];
  let paths: string[] = [''];
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > MAX_DEPTH) {
      return new ProblemError('json_too_deep', `Nest objects and arrays at most ${MAX_DEPTH} levels deep.`);
    }
    const next: object[] = [];
    const nextPaths: string[] = [];
    for (let i = 0; i < level.length; i++) {
      const holder = level[i] as Record<string, unknown>;
      const isArray = Array.isArray(holder);
      for (const key of Object.keys(holder)) {
        const path = withPaths ? `${paths[i]}${pointer([key])}` : '';
        if (!isArray) {
          if (key === '__proto__') return badKey(path);
          if (!goodString(key)) return badString(path);
        }
        const value = holder[key];
        if (typeof value === 'string') {
          if (!goodString(value)) return badString(path);
        } else if (typeof value === 'object' && value !== null) {
          if (key === 'constructor' && Object.hasOwn(value, 'prototype')) return badKey(path);
          next.push(value);
          if (withPaths) nextPaths.push(path);
        }
      }
    }
    level = next;
    paths = nextPaths;
  }
  return undefined;
}

const badString = (path: string) =>
  new ProblemError('invalid_string', 'Remove NUL characters and lone surrogates from every string and key.', {
    errors: [{ pointer: path, message: 'Holds a NUL character or a lone surrogate' }],
  });

export const badKey = (path: string) =>
  new ProblemError('invalid_json', 'Keys named __proto__ and constructor.prototype are not accepted.', {
    errors: [{ pointer: path, message: 'Key not accepted' }],
  });
