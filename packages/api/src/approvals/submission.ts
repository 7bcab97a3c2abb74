import { DecideByForm, DecideByLink } from '@errand/contracts';
import type { FastifyRequest } from 'fastify';
import { checked, jsonIn, pairsIn } from '../links/submission.ts';
import { FIELD_PREFIX } from '../pages/html/field-html.ts';

/** `entered`: the texts of a form, by the JSON pointers of the arguments. */
export type Submission = DecideByLink & { csrf?: string; entered?: ReadonlyMap<string, string> };

/** Reads a decision. `csrf` is set when a form sent it. @throws ProblemError invalid_json, validation_failed */
export function readSubmission(request: FastifyRequest): Submission {
  const form = pairsIn(request);
  if (!form) return checked(DecideByLink, jsonIn(request));
  const isField = ([name]: [string, string]) => name.startsWith(`${FIELD_PREFIX}/`);
  const pairs = Object.entries(Object.fromEntries(form));
  const entered = pairs.filter(isField).map(([name, value]) => [name.slice(FIELD_PREFIX.length), value] as const);
  const others = Object.fromEntries(pairs.filter((pair) => !isField(pair)));
  return { ...checked(DecideByForm, others), entered: new Map(entered) };
}
