// Reading runs: one run, pages, and a live list.
import { z } from 'zod';
import { RunErrorCode } from '../base/error.ts';
import {
  count,
  defaultFlag,
  defaultLimit,
  doc,
  flag,
  frame,
  nextCursor,
  optionalFlag,
  optionalNonEmptyText,
} from '../base/fields.ts';
import { RunStatus } from '../base/run-status.ts';
import {
  CustomerIntegrationId,
  InputTimestamp,
  RunId,
  ScheduleId,
  Timestamp,
  ToolName,
  UserId,
} from '../base/scalars.ts';
import { includeToolCalls, links } from './events.ts';
import { Run } from './run.ts';

export const GetRunInput = z.strictObject({
  runId: RunId,
  includeEvents: defaultFlag(false, 'Whether the run contains its events.', true),
  includeToolCalls,
  links,
});

/** Filters of lists and live lists. */
export const runFilter = {
  userId: UserId.optional(),
  status: z
    .array(RunStatus)
    .min(1)
    .max(RunStatus.options.length)
    .optional()
    .meta(doc('Runs of any of these statuses.', ['PAUSED', 'AUTH_REQUIRED'])),
  customerIntegrationIds: z
    .array(CustomerIntegrationId)
    .min(1)
    .max(100)
    .optional()
    .meta({ description: 'Runs that selected any of these integrations or called one of their tools.' }),
  repeatKey: optionalNonEmptyText(255, 'Runs of this repeatKey.', 'weekly-sales'),
  metadata: z
    .record(z.string().min(1).max(40), z.string().max(500))
    .optional()
    .meta(doc('Runs with all of these pairs in their metadata: metadata[team]=sales.', { team: 'sales' })),
  scheduleId: ScheduleId.optional().meta({ description: 'Runs of this schedule, including those on demand.' }),
  actionKey: optionalNonEmptyText(100, 'Runs of the action with this key.', 'large-deals'),
  rerunOf: RunId.optional().meta({ description: 'Reruns of this run.' }),
  requestedBy: z
    .string()
    .max(1000)
    .regex(/^(api_key|person|claimed|subject|system):./u, 'Must be a type of principal, a colon and an id.')
    .optional()
    .meta(
      doc(
        'Runs that this principal created: `type` and `id` of `requestedBy`, with a colon between them.',
        'api_key:0192f0c1-7a3e-7c11-9d52-3f6b2f0c8a07',
      ),
    ),
  tool: ToolName.optional().meta({ description: 'Runs that called this tool.' }),
  createdAfter: InputTimestamp.optional().meta(
    doc('Runs that were created at this moment or later.', '2026-01-31T00:00:00.000Z'),
  ),
  createdBefore: InputTimestamp.optional().meta(
    doc('Runs that were created before this moment.', '2026-02-01T00:00:00.000Z'),
  ),
  q: z
    .string()
    .min(1)
    .max(200)
    .regex(/[\p{L}\p{N}]/u, 'Must have a letter or a digit.')
    .optional()
    .meta({
      description:
        'Runs with all of these words in the first 2,000 characters of their intent, of the texts in their result or of the message of their error, in any order: whole words, in any case. Results (of at most 1 MiB) and errors are searched within a minute after the end; a live list does not report that. Punctuation only separates words. There are no stop words. Each character of Han, Kana and Thai is a word.',
      examples: ['sales northwind'],
    }),
  errorCode: RunErrorCode.optional().meta(doc('Runs that ended with this code in `error`.', 'tool_failed')),
  waiting: optionalFlag(
    'true: runs that wait for a person (`waitingOn` is not empty), even while other steps continue. false: the others.',
    true,
  ),
  hasUncertain: optionalFlag(
    'true: runs with a call whose effect is unknown and that no one has resolved: `waitingOn` has it, or the run ended before. false: the others.',
    true,
  ),
};

export const ListRunsInput = z.strictObject({
  includeEvents: defaultFlag(false, 'Whether each run contains its newest 100 events, as far as they fit.', true),
  includeToolCalls,
  links,
  ...runFilter,
  runIds: z
    .array(RunId)
    .min(1)
    .max(100)
    .optional()
    .meta({
      description:
        'Only these runs, as far as they exist and match the other filters: the present state of the runs that a live list names. Send `pageSize` too.',
      examples: [['0192f0c1-7a3e-7c11-9d52-3f6b2f0c8a01']],
    }),
  sort: z
    .enum(['-createdAt', 'createdAt', '-duration'])
    .default('-createdAt')
    .meta({
      description:
        '-createdAt: newest first. createdAt: oldest first. -duration: ended runs, longest first, from creation to end.',
      examples: ['-createdAt'],
    }),
  page: defaultLimit(1, 1000, 'Page, from 1. Use cursor to go further than 1 000 pages.'),
  pageSize: defaultLimit(10, 100, 'Runs a page.', 20),
  cursor: z.string().min(1).max(200).optional().meta({
    errorCode: 'invalid_cursor',
    description:
      'nextCursor of the previous page, with the same filters and sort. Every page costs the same. Such pages have no totals.',
  }),
});
type ListRunsFields = z.output<typeof ListRunsInput>;
export type ListRunsInput = Omit<ListRunsFields, 'links'> & Partial<Pick<ListRunsFields, 'links'>>;

export const Pagination = z
  .object({
    page: z.int().optional().meta(doc('The page; absent with a cursor.', 1)),
    pageSize: z.int().meta(doc('Items a page.', 10)),
    totalItems: z.int().optional().meta(doc('Items in all; absent with a cursor.', 42)),
    totalPages: z.int().optional().meta(doc('Pages in all; absent with a cursor.', 5)),
    nextCursor,
  })
  .meta({ id: 'Pagination', description: 'The position of a page.' });

export const RunList = z
  .object({ runs: z.array(Run), pagination: Pagination })
  .meta({ id: 'RunList', description: 'A page of runs.' });
export type RunList = z.infer<typeof RunList>;

const FrameId = z
  .string()
  .regex(/^[0-9a-f]{16}-\d{1,15}$/, 'Must be the id of a frame.')
  .meta({ errorCode: 'invalid_event_id', examples: ['9f86d081884c7d65-42'] });

export const WatchRunsInput = z.strictObject({
  ...runFilter,
  /** tRPC's subscription link sends the last id under this name; over REST it is the Last-Event-ID header. */
  lastEventId: FrameId.optional().meta({
    errorCode: 'invalid_event_id',
    description: 'The id of the last frame received.',
    examples: ['9f86d081884c7d65-42'],
  }),
});
export type WatchRunsInput = z.output<typeof WatchRunsInput>;

const seq = count(
  'The number of the newest event of the run. Of two states of a run, the one with the larger seq is newer.',
  4,
);

const SnapshotFrame = frame(
  'snapshot',
  'SnapshotFrame',
  'All later changes follow. Sent first, and again whenever changes may have been missed.',
  {
    resumed: flag(
      'false: read the list now (GET /v1/runs with the same filters). true: the changes since Last-Event-ID follow.',
      false,
    ),
    at: Timestamp,
  },
);

const RunFrame = frame('run', 'RunFrame', 'A run of the list was created or changed.', {
  runId: RunId,
  status: RunStatus,
  seq,
  updatedAt: Timestamp,
  changed: z.array(z.enum(['created', 'status', 'events'])).meta({
    description:
      'The changes since the previous frame about this run. created: the run is new in the list. Changes in quick succession share a frame.',
    examples: [['status', 'events']],
  }),
});

const GoneFrame = frame(
  'gone',
  'GoneFrame',
  'A run no longer matches the filters; remove it if you have it. Within half a minute of a snapshot, the run may never have matched. A run that is deleted has such a frame even if it never matched; its `seq` is then larger than that of any event. Runs that are removed because of their age have none.',
  { runId: RunId, seq },
);

export const ListFrame = z
  .discriminatedUnion('type', [SnapshotFrame, RunFrame, GoneFrame])
  .meta({ id: 'ListFrame', description: 'A frame of the live list.' });
export type ListFrame = z.infer<typeof ListFrame>;
