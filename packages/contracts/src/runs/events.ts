// Reading the events of a run: as a list, and as a stream with progress frames.
import { z } from 'zod';
import { defaultFlag, defaultLimit, doc, oneOf, optionalCount } from '../base/fields.ts';
import { MAX_SEQ, RunId, StepId, Timestamp } from '../base/scalars.ts';
import { RunEvent } from './event.ts';

export const ProgressFrame = z
  .object({
    type: z.literal('progress').meta({ description: 'The name of the frame.' }),
    runId: RunId,
    stepId: StepId,
    iteration: optionalCount('Index of the item of a `forEach` step, from 0. Absent for other steps.', 2),
    state: oneOf(['running', 'retrying'], 'retrying: an attempt failed.', 'running'),
    attempt: z.int().min(1).meta(doc('Number of the attempt.', 1)),
    at: Timestamp,
  })
  .meta({
    id: 'ProgressFrame',
    description:
      'A call is running. Only on live streams: the frame has no id, is not stored and is never repeated. Frames may be left out for slow readers and for short calls.',
  });
export type ProgressFrame = z.infer<typeof ProgressFrame>;

export const RunStreamFrame = z.union([RunEvent, ProgressFrame]).meta({
  id: 'RunStreamFrame',
  description: 'A frame of the stream of a run: an event or, with `progress`, a running call.',
});
export type RunStreamFrame = z.infer<typeof RunStreamFrame>;

export const includeToolCalls = defaultFlag(
  false,
  'Whether step events contain toolCalls. Calls that do not fit have leftOut.',
  true,
);

/** A flag of reads that contain events. */
export const links = defaultFlag(
  true,
  'Whether events contain links that decide or answer, if the key has approvals:decide. Links to consent pages stay.',
  false,
);

const EventId = z
  .string()
  .regex(/^(0|[1-9]\d{0,9})$/, 'Must be the id of an event: a whole number from 0.')
  .refine((text) => Number(text) <= MAX_SEQ, 'No event has so large an id.')
  .meta({ errorCode: 'invalid_event_id', examples: ['3'] });

export const StreamEventsInput = z.strictObject({
  runId: RunId,
  includeToolCalls,
  after: EventId.optional().meta({
    errorCode: 'invalid_event_id',
    description: 'Start after this event. A Last-Event-ID header takes precedence.',
    examples: ['3'],
  }),
  links,
  progress: defaultFlag(
    true,
    'Whether to send `progress` frames for calls that are running or retried. They have no id.',
    false,
  ),
  /** tRPC's subscription link sends the last id under this name; over REST it is the Last-Event-ID header. */
  lastEventId: EventId.optional().meta({
    errorCode: 'invalid_event_id',
    description: 'The id of the last event received.',
    examples: ['3'],
  }),
});

export const ListEventsInput = z.strictObject({
  runId: RunId,
  includeToolCalls,
  after: z.int().min(0).max(MAX_SEQ).default(0).meta(doc('Only events after this one.', 3)),
  before: z.int().min(1).max(MAX_SEQ).optional().meta(doc('Only events before this one.', 120)),
  order: z
    .enum(['asc', 'desc'])
    .default('asc')
    .meta(doc('asc: oldest first. desc: newest first, to read the end of a long log.', 'desc')),
  limit: defaultLimit(100, 1000, 'Maximum number of events.'),
  links,
});

/** Events to list; defaults are optional. */
export type ListEventsInput = Pick<z.output<typeof ListEventsInput>, 'runId' | 'after' | 'limit' | 'includeToolCalls'> &
  Partial<Pick<z.output<typeof ListEventsInput>, 'before' | 'order' | 'links'>>;

export const EventList = z
  .object({
    events: z.array(RunEvent),
    eventsTruncated: z.boolean().optional().meta({
      description:
        'True if fewer than `limit` events fit. Read on with the seq of the last event here: as `after`, or with `order: desc` as `before`.',
    }),
  })
  .meta({ id: 'EventList', description: 'Events in the requested order.' });
export type EventList = z.infer<typeof EventList>;
