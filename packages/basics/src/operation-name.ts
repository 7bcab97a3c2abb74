import { sha256 } from './sha256.ts';
import { withoutTrailing } from './text-end.ts';

export const MAX_NAME = 64;
const awkward = new Set(['__proto__', 'constructor', 'prototype']);

const nameDigest = (text: string): string => sha256(text).slice(0, 6);

/** A name of at most 64 letters, digits, `_` and `-`; a shortened name ends in a digest of the whole text. */
export function fittingName(text: string): string {
  const word = withoutTrailing(text.replace(/[^a-zA-Z0-9_-]+/g, '_').replace(/^_+/, ''), '_');
  const name = awkward.has(word) || word === '' ? `op_${nameDigest(text)}` : word;
  return name.length <= MAX_NAME ? name : withDigest(name, text);
}

export const withDigest = (name: string, whole: string): string =>
  `${name.slice(0, MAX_NAME - 7)}_${nameDigest(whole)}`;
