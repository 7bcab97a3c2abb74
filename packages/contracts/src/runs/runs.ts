import { mutation, query, subscription } from '@errand/trpc-openapi/contract';
import { z } from 'zod';
import { codes, creationCodes, schemaCodes, selectionCodes } from '../base/error.ts';
import { CreateRunInput, createsOnce } from './create.ts';
import { ToolCall } from './event-parts.ts';
import { EventList, GetToolCallInput, ListEventsInput, StreamEventsInput } from './events.ts';
import { CancelRunInput, GetRunInput, ListRunsInput, RunList } from './list.ts';
import { Preflight, PreflightInput } from './preflight.ts';
import { RunStreamFrame } from './progress.ts';
import { RerunInput } from './rerun.ts';
import { CreatedRun, Run, RunHandle } from './run.ts';
import { ListFrame, WatchRunsInput } from './watch.ts';

// What is said of every answer that could be large.
const roomOf = (more: string) =>
  `An answer has at most 8 MiB (over tRPC the calls of a batch share 4 MiB); \`leftOut\` and \`eventsTruncated\` name what has no room, and where to read it. ${more}`;

/** Making runs, and reading their outcome. */
export const runs = {
  create: mutation({
    input: CreateRunInput,
    output: z.union([CreatedRun, RunHandle]),
    scope: 'runs:write',
    errors: codes(
      'validation_failed',
      ...selectionCodes,
      'plan_invalid',
      'not_supported',
      ...creationCodes,
      ...schemaCodes,
    ),
    http: {
      method: 'POST',
      path: '/v1/runs',
      status: 201,
      tag: 'Runs',
      summary: 'Create a run',
      success:
        'The run as it was accepted, with its plan, or a placeholder of it. With `Prefer: wait` the run as it stands after the wait.',
      description:
        'Accepts an errand and answers at once. Planning and execution follow; watch the events. A key that does not hold runs:read is answered a RunHandle alone, also with Prefer: wait and when an earlier answer comes again. Answers hold no links: those are in the events.',
      ...createsOnce,
    },
  }),
  preflight: mutation({
    input: PreflightInput,
    output: Preflight,
    scope: 'runs:write',
    errors: codes('validation_failed', ...selectionCodes, 'plan_invalid', 'too_many_preflights', ...schemaCodes),
    http: {
      method: 'POST',
      path: '/v1/runs/preflight',
      tag: 'Runs',
      summary: 'Look at a run before it is made',
      success: 'What the run would do, and what it would need.',
      description:
        'Plans an errand as a run would: nothing is called, and nothing is kept. What planning costs is spent, and told in `usage`. Sent as `plan` of POST /v1/runs, the plan is executed exactly as it is. It waits for the planner, 45 seconds at most; two are planned at a time for a workspace.',
    },
  }),
  rerun: mutation({
    input: RerunInput,
    output: z.union([CreatedRun, RunHandle]),
    scope: 'runs:write',
    errors: codes(
      'validation_failed',
      'not_found',
      'plan_not_repeatable',
      'tools_changed',
      ...selectionCodes,
      ...creationCodes,
    ),
    http: {
      method: 'POST',
      path: '/v1/runs/{runId}/rerun',
      status: 201,
      tag: 'Runs',
      summary: 'Run a run again',
      success:
        'The new run as it was accepted, with `rerunOf`. With `Prefer: wait` the run as it stands after the wait.',
      description:
        'Makes a new run of an earlier one, whatever its status: for the same user, with the same integrations, outputSchema, budget and metadata. It is a new run: what the earlier one wrote does not count as done, and is written again. What was passed through must be sent again. A key that does not hold runs:read is answered a RunHandle alone.',
      ...createsOnce,
    },
  }),
  list: query({
    input: ListRunsInput,
    output: RunList,
    scope: 'runs:read',
    errors: codes('validation_failed', 'invalid_cursor'),
    http: {
      method: 'GET',
      path: '/v1/runs',
      tag: 'Runs',
      summary: 'List runs',
      success: 'One page of runs.',
      description: `Newest first by default; all filters may be combined. ${roomOf('Each run of the page has an equal share of it.')}`,
    },
  }),
  get: query({
    input: GetRunInput,
    output: Run,
    scope: 'runs:read',
    errors: codes('validation_failed', 'not_found'),
    http: {
      method: 'GET',
      path: '/v1/runs/{runId}',
      tag: 'Runs',
      summary: 'Get a run',
      success: 'The run.',
      description: roomOf('Its documents always have room.'),
    },
  }),
  cancel: mutation({
    input: CancelRunInput,
    output: z.union([Run, RunHandle]),
    scope: 'runs:write',
    errors: codes('validation_failed', 'not_found', 'run_already_finished'),
    http: {
      method: 'DELETE',
      path: '/v1/runs/{runId}',
      tag: 'Runs',
      summary: 'Cancel a run',
      success: 'The run, cancelled. A run that was cancelled before is answered as it is.',
      description:
        'Cancels a run that has not ended. A call in flight is aborted; what has taken effect stays visible. A key that does not hold runs:read is answered a RunHandle alone.',
    },
  }),
  events: query({
    input: ListEventsInput,
    output: EventList,
    scope: 'runs:read',
    errors: codes('validation_failed', 'not_found'),
    http: {
      method: 'GET',
      path: '/v1/runs/{runId}/events',
      tag: 'Runs',
      summary: 'List the events of a run',
      success: 'The events after `after`, oldest first.',
      description: `Events after \`after\`, oldest first. ${roomOf('')}Of a run whose events the service is set to keep no longer only \`end\` is left, under the number it had.`,
    },
  }),
  toolCall: query({
    input: GetToolCallInput,
    output: ToolCall,
    scope: 'runs:read',
    errors: codes('validation_failed', 'not_found'),
    http: {
      method: 'GET',
      path: '/v1/runs/{runId}/calls/{toolCallId}',
      tag: 'Runs',
      summary: 'Get a call of a run',
      success: 'The call, whole.',
      description: 'One call whole, however large, as the newest event that tells of it has it.',
    },
  }),
  stream: subscription({
    input: StreamEventsInput,
    output: RunStreamFrame,
    scope: 'runs:read',
    errors: codes('validation_failed', 'invalid_event_id', 'not_found', 'too_many_streams'),
    http: {
      method: 'GET',
      path: '/v1/runs/{runId}/sse',
      tag: 'Runs',
      summary: 'Stream the events of a run',
      description:
        'All past events, then live ones, as server-sent events; closes after `end`. Last-Event-ID resumes exactly, over restarts. Between them `progress` frames, which have no id, say which calls are under way and which are tried again, once they have lasted for 40 to 80 ms; an EventSource that does not know the name ignores them. A finished run that was read to its end answers 204. Of a run whose events the service is set to keep no longer only `end` is left, under the number it had.',
      headers: { 'Last-Event-ID': 'lastEventId' },
    },
  }),
  watch: subscription({
    input: WatchRunsInput,
    output: ListFrame,
    scope: 'runs:read',
    errors: codes('validation_failed', 'invalid_event_id', 'too_many_streams', 'unavailable'),
    http: {
      method: 'GET',
      path: '/v1/runs/sse',
      tag: 'Runs',
      summary: 'Stream the changes of a list',
      description:
        'The changes of the list with these filters, as server-sent events: a `snapshot` first, then a `run` for each run that is created or changes and fits, and a `gone` for one that no longer fits. Read the list after a `snapshot` that is not `resumed`; nothing is missed between the two. Last-Event-ID resumes for about a minute, at the same process and as long as it remembers what was missed; otherwise there is a new `snapshot`. A reader who takes nothing is cut. The stream does not end by itself.',
      headers: { 'Last-Event-ID': 'lastEventId' },
    },
  }),
};
