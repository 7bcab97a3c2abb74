// Answers to user tokens contain no names of other people, such as the names of the requester and the decider.
import type { Principal } from '@errand/contracts';

type Named = {
  requestedBy?: unknown;
  approvers?: unknown;
  decidedBy?: unknown;
  answeredBy?: unknown;
  events?: readonly object[];
};

/** The answer as the principal may see it. */
export const forReader = <T extends object>({ kind }: Principal, answer: T): T =>
  kind === 'user_token' ? withoutNames(answer) : answer;

/** The same for an answer that is being made. */
export const whenMade = <T extends object>({ kind }: Principal, answer: Promise<T>): Promise<T> =>
  kind === 'user_token' ? answer.then(withoutNames) : answer;

function withoutNames<T extends Named>(answer: T): T {
  const { requestedBy: _, decidedBy: __, answeredBy: ___, approvers: ____, ...rest } = answer;
  const { events } = rest;
  return { ...rest, ...(events && { events: events.map(withoutNames) }) } as T;
}
