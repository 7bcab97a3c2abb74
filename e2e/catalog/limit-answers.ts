import type { ServerResponse } from 'node:http';
import type { Rules } from '@errand/contracts';
import { json } from '../fixtures/stub.ts';

/** The shortest wait that a service can state: calls then wait as briefly as they can. */
const WAIT_SECONDS = 0;

/** Answers a call with a limit, in each form that the rules of the service name: the least usual one first. */
export function limitAnswer(response: ServerResponse, limits: Rules['limits'], answers: Rules['answers']): unknown {
  const word = answers?.limitErrors?.[0];
  if (word !== undefined) return json(response, { [answers!.okPath!]: false, [answers!.errorPath!]: word });
  const { statuses, words, remaining, reset, resetUnit } = limits ?? {};
  const status = statuses?.[0] ?? 429;
  if (remaining !== undefined) response.setHeader(remaining, '0');
  if (reset !== undefined) response.setHeader(reset, resetValue(resetUnit));
  else response.setHeader('retry-after', String(WAIT_SECONDS));
  json(
    response,
    { error: { code: status, errors: [{ reason: words?.[0] ?? 'limited' }], message: 'Slow down.' } },
    status,
  );
}

function resetValue(unit: NonNullable<Rules['limits']>['resetUnit']): string {
  const end = Date.now() + WAIT_SECONDS * 1000;
  switch (unit) {
    case 'ms':
      return String(WAIT_SECONDS * 1000);
    case 'epoch_s':
      return String(Math.ceil(end / 1000));
    case 'epoch_ms':
      return String(end);
    case 'iso':
      return new Date(end).toISOString();
    default:
      return String(WAIT_SECONDS);
  }
}
