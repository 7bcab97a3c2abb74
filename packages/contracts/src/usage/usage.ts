// Totals of ended runs, by day, status, integration, tool, user, requester or kind of request.
import { query, withTag } from '@errand/trpc-openapi/contract';
import { z } from 'zod';
import { Requester } from '../access/requester.ts';
import { cost, count, doc, optionalNonEmptyText, text } from '../base/fields.ts';
import { CustomerIntegrationId, Timestamp, ToolName, UserId } from '../base/scalars.ts';

const Day = z.iso
  .date()
  .refine((text) => !text.startsWith('0000'), 'Must be of the year 1 or later.')
  .meta({ examples: ['2026-01-31'] });

const UsageBy = z.enum(['day', 'status', 'integration', 'tool', 'user', 'requester', 'request']).meta({
  id: 'UsageBy',
  description:
    'The key of the rows: a day (UTC), a status, an integration, a tool, a user, a requester (the principal that created the run), or a kind of decision request. A run counts in the row of each integration and tool that it called, and of each kind of request that it made.',
  examples: ['day'],
});

export const GetUsageInput = z.strictObject({
  from: Day.optional().meta({
    description: 'The first day (UTC), 29 days before `to` by default. A run counts on the day on which it ended.',
    examples: ['2026-01-01'],
  }),
  to: Day.optional().meta({
    description:
      'The last day, included; today by default. At most 366 days in all, with integration, tool, user and requester at most 92.',
    examples: ['2026-01-31'],
  }),
  by: UsageBy.default('day'),
  userId: UserId.optional().meta({ description: 'By day: only runs of this user.' }),
  customerIntegrationId: CustomerIntegrationId.optional().meta({
    description: 'By day: only runs that called this integration, and their calls of it.',
  }),
  tool: ToolName.optional().meta({ description: 'By day: only runs that called this tool, and their calls of it.' }),
  requestedBy: optionalNonEmptyText(
    1000,
    'By day: only runs of this requester, the key of a row by requester. At most one of these four filters.',
    'api_key:0192f0c1-7a3e-7c11-9d52-3f6b2f0c8a07',
  ),
});
export type GetUsageInput = z.output<typeof GetUsageInput>;

const milliseconds = (description: string, example: number) => z.number().min(0).meta(doc(description, example));
const duration = (description: string) => milliseconds(description, 420).optional().meta(doc(description, 420));

const Quantiles = z
  .object({
    p50Ms: milliseconds('Half of the runs took at most this, in ms.', 120),
    p95Ms: milliseconds('95 % of the runs took at most this, in ms.', 900),
  })
  .optional();
const phaseDurations = (description: string) => Quantiles.meta(doc(description, { p50Ms: 120, p95Ms: 900 }));

const totals = {
  runs: count('Runs that ended.', 1200),
  succeeded: count('Those with SUCCESS.', 1100),
  failed: count('Those with FAILED.', 20),
  calls: count('Calls of tools; in a row of an integration or tool, calls of it.', 4800),
  callErrors: count('Calls that failed, or with an unknown effect.', 35),
  tokens: count('Tokens that models read and wrote for the runs.', 310000),
  cost: cost('The cost of models. Absent if no model was used, a price is unknown, or currencies differ.', 1.2),
  p50Ms: duration('Half of the runs took at most this from create to end, in ms. Absent in the row `other`.'),
  p95Ms: duration('95 % of the runs took at most this.'),
  phases: z
    .object({
      queued: phaseDurations('From create to start.'),
      planning: phaseDurations('Until the first plan was stored, for runs with a planner.'),
      calls: phaseDurations('The remaining time: calls, and the time between them.'),
      waiting: phaseDurations('While a person was asked, for runs that asked one.'),
    })
    .optional()
    .meta({
      description:
        'Where the time went, each phase over the runs that had it. The four add up to the duration of a run.',
      examples: [{ queued: { p50Ms: 4, p95Ms: 20 }, calls: { p50Ms: 120, p95Ms: 900 } }],
    }),
};

const UsageTotal = z.object(totals).meta({ id: 'UsageTotal', description: 'Totals of all runs of a report.' });

export const UsageRow = z
  .object({
    key: text(
      'The day, status, integration, tool, user, requester or kind of request; `other` in the last row. A requester is written `type:id`; all persons of a product are one, `claimed:product`, and so are all users of an issuer, `subject:issuer`.',
      '2026-01-31',
    ),
    requester: Requester.optional().meta({
      description:
        'By requester: its type, id and name. Absent for the persons of a product and the users of an issuer.',
    }),
    other: z
      .literal(true)
      .optional()
      .meta({
        description:
          'Set in the row that sums up all keys without a row of their own. At most 100 keys, those with most runs, have one.',
        examples: [true],
      }),
    ...totals,
    decided: count('By request: requests of ended runs that people decided.', 40).optional(),
    timeToDecide: phaseDurations('By request: from the request to the decision of a person.'),
  })
  .meta({ id: 'UsageRow', description: 'Totals of some runs.' });
export type UsageRow = z.infer<typeof UsageRow>;

export const UsageReport = z
  .object({
    from: Day.meta(doc('The first day.', '2026-01-01')),
    to: Day.meta(doc('The last day.', '2026-01-31')),
    by: UsageBy,
    asOf: Timestamp.meta({
      description:
        'All runs that ended until then are counted. Normally that is now; it is earlier while the service catches up.',
    }),
    relativeError: z
      .number()
      .meta(doc('Relative error of quantiles. Counts are exact, except for keys beyond the limit of a day.', 0.01)),
    total: UsageTotal.optional().meta({ description: 'By day and by status: all runs of the report.' }),
    feedback: z
      .object({
        positive: count('Runs with a positive rating.', 90),
        negative: count('Runs with a negative rating.', 10),
      })
      .optional()
      .meta({
        description:
          'Ratings of runs, on the day of the first rating of the run; a changed rating counts as it is now. Absent with a filter.',
        examples: [{ positive: 90, negative: 10 }],
      }),
    rows: z
      .array(UsageRow)
      .meta({ description: 'By day: in order, without days on which no run ended. Else: most runs first.' }),
  })
  .meta({ id: 'UsageReport', description: 'Totals of the ended runs of a range of days.' });
export type UsageReport = z.infer<typeof UsageReport>;

export const usage = withTag('Usage', {
  get: query({
    input: GetUsageInput,
    output: UsageReport,
    scope: 'runs:read',
    http: {
      route: 'GET /v1/usage',
      summary: 'Get usage',
      success: 'One row for each key.',
      description:
        'Runs, calls, errors, tokens, cost and durations of ended runs, ratings, and the times in which people decided. Counts are stored for 400 days, also of runs that were removed.',
    },
  }),
});
