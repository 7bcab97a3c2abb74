import { z } from 'zod';
import { described } from '../base/described.ts';
import { RunErrorCode } from '../base/error.ts';
import { limitOr, nextCursor, optionalFlag } from '../base/fields.ts';
import { CustomerIntegrationId, Moment, RunId, ScheduleId, UserId } from '../base/ids.ts';
import { RunStatus } from '../base/run-status.ts';
import { Run } from './run.ts';

const flag = (description: string) => z.boolean().default(false).meta(described(description, true));

export const GetRunInput = z.strictObject({
  runId: RunId,
  includeEvents: flag('Whether the run contains its events.'),
  includeToolCalls: flag('Whether step events contain toolCalls. Calls that do not fit have leftOut.'),
});

export const CancelRunInput = z.strictObject({ runId: RunId });

/** Filters of lists and live lists. */
export const runFilter = {
  userId: UserId.optional(),
  status: z
    .array(RunStatus)
    .min(1)
    .max(RunStatus.options.length)
    .optional()
    .meta(described('Runs of any of these statuses.', ['PAUSED', 'AUTH_REQUIRED'])),
  customerIntegrationIds: z
    .array(CustomerIntegrationId)
    .min(1)
    .max(100)
    .optional()
    .meta({ description: 'Runs that selected any of these integrations or called one of their tools.' }),
  repeatKey: z.string().min(1).max(255).optional().meta(described('Runs of this repeatKey.', 'weekly-sales')),
  metadata: z
    .record(z.string().min(1).max(40), z.string().max(500))
    .optional()
    .meta(described('Runs with all of these pairs in their metadata: metadata[team]=sales.', { team: 'sales' })),
  scheduleId: ScheduleId.optional().meta({ description: 'Runs of this schedule, including those on demand.' }),
  createdAfter: Moment.optional().meta(
    described('Runs that were created at this moment or later.', '2026-01-31T00:00:00.000Z'),
  ),
  createdBefore: Moment.optional().meta(
    described('Runs that were created before this moment.', '2026-02-01T00:00:00.000Z'),
  ),
  q: z
    .string()
    .min(1)
    .max(200)
    .regex(/[\p{L}\p{N}]/u, 'Must have a letter or a digit.')
    .optional()
    .meta({
      description:
        'Runs with all of these words in the first 2,000 characters of their intent, in any order: whole words, in any case. Punctuation only separates words. There are no stop words. Each character of Han, Kana and Thai is a word.',
      examples: ['sales northwind'],
    }),
  errorCode: RunErrorCode.optional().meta(described('Runs that ended with this code in `error`.', 'tool_failed')),
  waiting: optionalFlag(
    'true: runs that wait for a person (`waitingOn` is not empty), even while other steps continue. false: the others.',
    true,
  ),
};

export const ListRunsInput = z.strictObject({
  includeEvents: flag('Whether each run contains its newest 100 events, as far as they fit.'),
  includeToolCalls: flag('Whether step events contain toolCalls. Calls that do not fit have leftOut.'),
  ...runFilter,
  sort: z
    .enum(['-createdAt', 'createdAt', '-duration'])
    .default('-createdAt')
    .meta({
      description:
        '-createdAt: newest first. createdAt: oldest first. -duration: ended runs, longest first, from creation to end.',
      examples: ['-createdAt'],
    }),
  page: limitOr(1, 1000, 'Page, from 1. Use cursor to go further than 1 000 pages.'),
  pageSize: limitOr(10, 100, 'Runs a page.', 20),
  cursor: z.string().min(1).max(200).optional().meta({
    errorCode: 'invalid_cursor',
    description:
      'nextCursor of the previous page, with the same filters and sort. Every page costs the same. Such pages have no totals.',
  }),
});
export type ListRunsInput = z.output<typeof ListRunsInput>;

export const Pagination = z
  .object({
    page: z.int().optional().meta(described('The page; absent with a cursor.', 1)),
    pageSize: z.int().meta(described('Items a page.', 10)),
    totalItems: z.int().optional().meta(described('Items in all; absent with a cursor.', 42)),
    totalPages: z.int().optional().meta(described('Pages in all; absent with a cursor.', 5)),
    nextCursor,
  })
  .meta({ id: 'Pagination', description: 'The position of a page.' });

export const RunList = z
  .object({ runs: z.array(Run), pagination: Pagination })
  .meta({ id: 'RunList', description: 'A page of runs.' });
export type RunList = z.infer<typeof RunList>;
