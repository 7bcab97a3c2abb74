import { sha256 } from '@errand/basics/sha256';
import type { Context } from './document/document.ts';

const MAX_LENGTH = 64;
const awkward = new Set(['__proto__', 'constructor', 'prototype']);

const digest = (text: string): string => sha256(text).slice(0, 6);

/** A word of letters, digits, `_` and `-`, at most 64 long; a cut one ends in a digest of the whole. */
function fit(text: string): string {
  const word = text.replace(/[^a-zA-Z0-9_-]+/g, '_').replace(/^_+|_+$/g, '');
  const name = awkward.has(word) || word === '' ? `op_${digest(text)}` : word;
  return name.length <= MAX_LENGTH ? name : `${name.slice(0, MAX_LENGTH - 7)}_${digest(text)}`;
}

/** `get_deals_by_id` for GET /deals/{id}: what an operation without an id is called. */
const derived = (method: string, path: string): string =>
  `${method}_${path
    .split('/')
    .filter(Boolean)
    .map((part) => part.replace(/\{([^}]*)\}/g, 'by_$1'))
    .join('_')}`;

/** Gives every operation a name of its own that stays the same when the document is imported again. */
export function operationNamer(context: Context) {
  const taken = new Set<string>();
  return (method: string, path: string, operationId: string | undefined, pointer: string): string => {
    let name = fit(operationId?.trim() || derived(method, path));
    if (operationId !== undefined && name !== operationId) {
      context.warn(pointer, `The operation is called ${name}: letters, digits, _ and -, at most ${MAX_LENGTH}.`);
    }
    if (taken.has(name)) {
      const other = `${name.slice(0, MAX_LENGTH - 7)}_${digest(`${method} ${path}`)}`;
      context.warn(pointer, `Another operation is called ${name}; this one is called ${other}.`);
      name = other;
    }
    taken.add(name);
    return name;
  };
}
