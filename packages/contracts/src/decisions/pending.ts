import { query } from '@errand/trpc-openapi/contract';
import { z } from 'zod';
import { codes } from '../codes.ts';
import { RunId, Timestamp, UserId } from '../ids.ts';
import { WaitingOn } from '../runs/run.ts';

export const ListPendingInput = z.strictObject({
  userId: UserId.optional(),
  runId: RunId.optional(),
  pageSize: z
    .int()
    .min(1)
    .max(100)
    .default(20)
    .meta({ description: 'Items a page.', examples: [20] }),
  cursor: z.guid().optional().meta({ errorCode: 'invalid_cursor', description: 'nextCursor of the page before.' }),
});
export type ListPendingInput = z.output<typeof ListPendingInput>;

export const PendingItem = WaitingOn.extend({ runId: RunId, userId: UserId, createdAt: Timestamp }).meta({
  id: 'PendingItem',
  description: 'Something that a human must do, and for which run.',
});
export type PendingItem = z.infer<typeof PendingItem>;

export const PendingList = z
  .object({
    pending: z.array(PendingItem),
    nextCursor: z.string().optional().meta({ description: 'Pass it as cursor to go on; absent on the last page.' }),
  })
  .meta({ id: 'PendingList', description: 'What waits for a human over all runs, newest first.' });
export type PendingList = z.infer<typeof PendingList>;

export const pending = {
  list: query({
    input: ListPendingInput,
    output: PendingList,
    scope: 'runs:read',
    errors: codes('validation_failed', 'invalid_cursor'),
    http: {
      method: 'GET',
      path: '/v1/pending',
      tag: 'Decisions',
      summary: 'List what waits for a human',
      success: 'What waits, newest first.',
      description: 'Over all runs, newest first. Each item names the request that resolves it.',
    },
  }),
};
