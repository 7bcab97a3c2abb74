import { z } from 'zod';
import { CustomerIntegrationId, RunId, UserId } from '../ids.ts';
import { Run } from './run.ts';
import { RunStatus } from './status.ts';

const flag = (description: string) =>
  z
    .boolean()
    .default(false)
    .meta({ description, examples: [true] });

export const GetRunInput = z.strictObject({
  runId: RunId,
  includeEvents: flag('Whether the run carries its events.'),
  includeToolCalls: flag('Whether step events carry toolCalls: whole as far as they have room, else with leftOut.'),
});

export const CancelRunInput = z.strictObject({ runId: RunId });

export const ListRunsInput = z.strictObject({
  includeEvents: flag('Whether each run carries its newest 100 events, as far as they have room.'),
  includeToolCalls: flag('Whether step events carry toolCalls: whole as far as they have room, else with leftOut.'),
  userId: UserId.optional(),
  status: RunStatus.optional(),
  customerIntegrationIds: z
    .array(CustomerIntegrationId)
    .min(1)
    .max(100)
    .optional()
    .meta({ description: 'Runs whose selection names any of these, or that called a tool of any of these.' }),
  repeatKey: z
    .string()
    .min(1)
    .max(255)
    .optional()
    .meta({ description: 'Runs of this repeatKey.', examples: ['weekly-sales'] }),
  metadata: z
    .record(z.string().min(1).max(40), z.string().max(500))
    .optional()
    .meta({
      description: 'Runs whose metadata holds all of these pairs: metadata[team]=sales.',
      examples: [{ team: 'sales' }],
    }),
  page: z
    .int()
    .min(1)
    .max(1000)
    .default(1)
    .meta({ description: 'Page, from 1. Use cursor to go further than 1 000 pages.', examples: [1] }),
  pageSize: z
    .int()
    .min(1)
    .max(100)
    .default(10)
    .meta({ description: 'Runs a page.', examples: [20] }),
  cursor: z.string().min(1).max(200).optional().meta({
    errorCode: 'invalid_cursor',
    description: 'nextCursor of the page before. Costs the same on every page; such pages carry no totals.',
  }),
});
export type ListRunsInput = z.output<typeof ListRunsInput>;

export const Pagination = z
  .object({
    page: z
      .int()
      .optional()
      .meta({ description: 'The page; absent with a cursor.', examples: [1] }),
    pageSize: z.int().meta({ description: 'Items a page.', examples: [10] }),
    totalItems: z
      .int()
      .optional()
      .meta({ description: 'Items in all; absent with a cursor.', examples: [42] }),
    totalPages: z
      .int()
      .optional()
      .meta({ description: 'Pages in all; absent with a cursor.', examples: [5] }),
    nextCursor: z.string().optional().meta({ description: 'Pass it as cursor to go on; absent on the last page.' }),
  })
  .meta({ id: 'Pagination', description: 'Where a page stands.' });

export const RunList = z
  .object({ runs: z.array(Run), pagination: Pagination })
  .meta({ id: 'RunList', description: 'A page of runs, newest first.' });
export type RunList = z.infer<typeof RunList>;
