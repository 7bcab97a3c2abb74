import { isDeepStrictEqual } from 'node:util';
import type { Json, Rules } from '@errand/contracts';
import { valueAt } from './value-at.ts';

export type AnswerRules = NonNullable<Rules['answers']>;

/**
 * A refusal in the body of an answer. `word`: the word of the service for its error. `hasNoEffect`: whether the service surely did not act.
 */
export type BodyRefusal = { kind: 'credential' | 'limit' | 'other'; word?: string; hasNoEffect: boolean };

/** The refusal that the body of an answer states, whatever its status; undefined if it states success or nothing. */
export function refusalInBody(body: Json, rules: AnswerRules): BodyRefusal | undefined {
  const { okPath, noEffectErrors } = rules;
  const error = rules.errorPath === undefined ? undefined : valueAt(body, rules.errorPath);
  const ok = okPath === undefined ? undefined : valueAt(body, okPath);
  if (ok !== undefined ? isOk(ok, rules) : isNothing(error)) return undefined;
  const kind = kindOf(error, rules);
  const hasNoEffect =
    kind !== 'other' || (noEffectErrors === undefined ? okPath !== undefined : hasWord(noEffectErrors, error));
  const word = typeof error === 'string' || typeof error === 'number' ? String(error) : undefined;
  return { kind, ...(word && { word }), hasNoEffect };
}

/** The kind of refusal that the body of an answer with an error status states. */
export const kindOfError = (body: Json, rules: AnswerRules): BodyRefusal['kind'] =>
  rules.errorPath === undefined ? 'other' : kindOf(valueAt(body, rules.errorPath), rules);

/** Whether words of rules contain a word of a service, whatever its case. */
export function hasWord(words: readonly string[], word: Json | undefined): boolean {
  if (typeof word !== 'string' && typeof word !== 'number') return false;
  const text = String(word).toLowerCase();
  return words.some((each) => each.toLowerCase() === text);
}

function kindOf(error: Json | undefined, { authErrors = [], limitErrors = [] }: AnswerRules): BodyRefusal['kind'] {
  if (hasWord(authErrors, error)) return 'credential';
  return hasWord(limitErrors, error) ? 'limit' : 'other';
}

const isOk = (value: Json, { okValue }: AnswerRules): boolean =>
  okValue === undefined ? value !== false && value !== null && value !== 0 : isDeepStrictEqual(value, okValue);

/** Whether a member for errors states none. */
const isNothing = (error: Json | undefined): boolean =>
  error === undefined ||
  error === null ||
  error === false ||
  error === 0 ||
  error === '' ||
  (typeof error === 'object' && Object.keys(error).length === 0);
