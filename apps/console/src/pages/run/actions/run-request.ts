// The request that creates the same errand again.
import type { RestRequest } from '../../../code/operation.ts';
import type { ScheduledRun } from '../../../keep/schedule-dialog.tsx';
import type { Run } from '../log/phases.ts';

/** How long the program waits for the end, in seconds. */
const WAIT = 30;

/** The input of the errand; empty fields are left out. */
export function bodyOf(run: Run): ScheduledRun {
  const { intent, context, userId, user, selectedCustomerIntegrationIds, approvalStrategy, outputSchema, metadata } =
    run;
  return {
    intent,
    ...(context === '' ? {} : { context }),
    userId,
    ...(user ? { user } : {}),
    selectedCustomerIntegrationIds,
    approvalStrategy,
    ...(outputSchema ? { outputSchema } : {}),
    ...(Object.keys(metadata).length > 0 ? { metadata } : {}),
  };
}

export const requestFor = (run: Run): RestRequest => ({
  method: 'POST',
  path: '/v1/runs',
  headers: { prefer: `wait=${WAIT}` },
  body: bodyOf(run),
  hasAnswer: true,
});
