import type { Route } from '../rest/route.ts';
import type { AnswerPlan } from './answer-plan.ts';

const REQUEST_ID = { 'x-request-id': { $ref: '#/components/headers/RequestId' } };

/** `Retry-After` → `RetryAfter`. */
export const componentOf = (header: string): string =>
  header
    .split('-')
    .map((part) => part[0]!.toUpperCase() + part.slice(1))
    .join('');

export function headersOf({ answerHeaders = {} }: AnswerPlan, scope: Route['scope'], codes: readonly string[]) {
  // Nobody who is not let in is counted.
  const known = scope !== null && !codes.includes('unauthenticated');
  const here = Object.entries(answerHeaders).filter(
    ([, { always, with: some }]) => (always && known) || some?.some((code) => codes.includes(code)),
  );
  return {
    ...REQUEST_ID,
    ...Object.fromEntries(here.map(([name]) => [name, { $ref: `#/components/headers/${componentOf(name)}` }])),
  };
}

export const ownHeaders = (headers: Readonly<Record<string, string>> = {}) =>
  Object.fromEntries(
    Object.entries(headers).map(([name, description]) => [name, { description, schema: { type: 'string' as const } }]),
  );
