import { mutation, query, subscription, withTag } from '@errand/trpc-openapi/contract';
import { z } from 'zod';
import { codes, creationCodes, schemaCodes, selectionCodes } from '../base/error.ts';
import { inPages } from '../base/fields.ts';
import { RunId, ToolCallId } from '../base/scalars.ts';
import { CreateRunInput, idempotentHeaders, RerunInput } from './create.ts';
import { ToolCall } from './event-parts.ts';
import { EventList, ListEventsInput, RunStreamFrame, StreamEventsInput } from './events.ts';
import { RunHistogram, RunHistogramInput } from './histogram.ts';
import { GetRunInput, ListFrame, ListRunsInput, RunList, WatchRunsInput } from './list.ts';
import { CancelResults, CancelRunsInput, RerunResults, RerunRunsInput } from './many.ts';
import { Preflight, PreflightInput } from './preflight.ts';
import { PreviewRerunInput, RerunPreview } from './rerun-preview.ts';
import { CreationAnswer, Run, RunHandle } from './run.ts';

const rerunCodes = codes('plan_not_repeatable', 'tools_changed', 'run_unfinished', 'effect_unresolved', 'outputs_gone');

// Part of the descriptions of answers that can be large.
const describeSizeLimit = (details: string) =>
  `An answer has at most 8 MiB (over tRPC, the calls of a batch share 4 MiB). \`leftOut\` and \`eventsTruncated\` name the omitted parts and where to read them. ${details}`;

/** Creating runs, and reading their outcome. */
export const runs = withTag('Runs', {
  create: mutation({
    input: CreateRunInput,
    output: CreationAnswer,
    scope: 'runs:write',
    errors: codes(
      ...selectionCodes,
      'plan_invalid',
      'not_supported',
      'too_many_runs',
      ...creationCodes,
      ...schemaCodes,
    ),
    http: {
      route: 'POST /v1/runs',
      status: 201,
      summary: 'Create a run',
      success:
        'The accepted run with its plan, or a placeholder for the plan. With `Prefer: wait`, the run after the wait.',
      description:
        'Accepts an errand and returns immediately. Planning and execution follow; watch the events. A key without runs:read gets a CreatedRunHandle, also with `Prefer: wait` and for a repeated Idempotency-Key. Answers contain no links; the events do.',
      ...idempotentHeaders,
    },
  }),
  preflight: mutation({
    input: PreflightInput,
    output: Preflight,
    scope: 'runs:write',
    errors: codes(...selectionCodes, 'plan_invalid', 'too_many_preflights', ...schemaCodes),
    http: {
      route: 'POST /v1/runs/preflight',
      summary: 'Preview a run',
      success: 'The plan, its cost, and what is missing.',
      description:
        'Plans an errand without calling a tool and without storing anything. Planning may cost tokens; `usage` reports them. Send the plan as `plan` of POST /v1/runs to execute it unchanged. The request waits up to 45 seconds for the planner. A workspace can plan two previews at a time.',
    },
  }),
  rerun: mutation({
    input: RerunInput,
    output: CreationAnswer,
    scope: 'runs:write',
    errors: codes('not_found', ...rerunCodes, ...selectionCodes, ...creationCodes),
    http: {
      route: 'POST /v1/runs/{runId}/rerun',
      status: 201,
      summary: 'Rerun a run',
      success: 'The accepted run with `rerunOf`. With `Prefer: wait`, the run after the wait.',
      description:
        'Creates a new run from an earlier one, whatever its status: for the same user, with the same integrations, outputSchema, budget and metadata. The new run repeats every write of the earlier one; with `from`, only those of the steps that run again. Send `passThrough` again. A key without runs:read gets a CreatedRunHandle.',
      ...idempotentHeaders,
    },
  }),
  previewRerun: query({
    input: PreviewRerunInput,
    output: RerunPreview,
    scope: 'runs:read',
    errors: codes('not_found', ...rerunCodes, ...selectionCodes),
    http: {
      route: 'GET /v1/runs/{runId}/rerun',
      summary: 'Preview a rerun from a step',
      success: 'The steps that keep their outputs, and those that run again.',
      description:
        'The steps of POST /v1/runs/{runId}/rerun with this `from`, which the same problems would refuse. Nothing is called or stored. Steps with `effect: write` in `runsAgain` write again.',
    },
  }),
  rerunMany: mutation({
    input: RerunRunsInput,
    output: RerunResults,
    scope: 'runs:write',
    errors: codes('invalid_idempotency_key'),
    http: {
      route: 'POST /v1/runs/rerun',
      summary: 'Rerun several runs',
      success: 'The result of each rerun.',
      description:
        'Reruns several runs, one after the other and independently, as POST /v1/runs/{runId}/rerun does: a refused rerun does not affect the others. With an Idempotency-Key, a repeated request creates only the runs that the earlier one did not.',
      headers: { 'Idempotency-Key': 'idempotencyKey' },
    },
  }),
  list: query({
    input: inPages(ListRunsInput),
    output: RunList,
    scope: 'runs:read',
    errors: codes('invalid_cursor'),
    http: {
      route: 'GET /v1/runs',
      summary: 'List runs',
      success: 'One page of runs.',
      description: `Newest first by default. Filters can be combined. ${describeSizeLimit('The runs of a page share this limit equally.')}`,
    },
  }),
  histogram: query({
    input: RunHistogramInput,
    output: RunHistogram,
    scope: 'runs:read',
    http: {
      route: 'GET /v1/runs/histogram',
      summary: 'Count runs over time',
      success: 'The number of runs in each bucket, by status.',
      description:
        'Counts the runs that were created in a window of at most 31 days, with the filters of lists. `validation_failed` if a window has more runs than can be counted in 5 seconds.',
    },
  }),
  get: query({
    input: GetRunInput,
    output: Run,
    scope: 'runs:read',
    errors: codes('not_found'),
    http: {
      route: 'GET /v1/runs/{runId}',
      summary: 'Get a run',
      success: 'The run.',
      description: describeSizeLimit('The documents of the run always fit.'),
    },
  }),
  cancel: mutation({
    input: z.strictObject({ runId: RunId }),
    output: z.union([Run, RunHandle]),
    scope: 'runs:write',
    errors: codes('not_found', 'run_already_finished'),
    http: {
      route: 'DELETE /v1/runs/{runId}',
      summary: 'Cancel a run',
      success: 'The cancelled run, also if it was cancelled before.',
      description:
        'Cancels a run that has not ended. Aborts calls in flight; completed effects stay visible. A key without runs:read gets a RunHandle.',
    },
  }),
  delete: mutation({
    input: z.strictObject({ runId: RunId }),
    output: z.null(),
    scope: 'runs:write',
    readScope: 'runs:read',
    errors: codes('not_found', 'run_unfinished'),
    http: {
      route: 'POST /v1/runs/{runId}/delete',
      status: 204,
      summary: 'Delete a run',
      success: 'The run is deleted.',
      description:
        'Deletes an ended run with everything of it: events, calls, plans, result, decisions, feedback and webhook deliveries. It cannot be undone. Reruns of it keep its id as `rerunOf`. Usage and the audit log are kept. Cancel an open run first.',
    },
  }),
  cancelMany: mutation({
    input: CancelRunsInput,
    output: CancelResults,
    scope: 'runs:write',
    http: {
      route: 'POST /v1/runs/cancel',
      summary: 'Cancel several runs',
      success: 'The result of each cancellation.',
      description:
        'Cancels several runs, one after the other and independently, as DELETE /v1/runs/{runId} does: a refused one does not affect the others. Repeating the request returns the same results.',
    },
  }),
  events: query({
    input: ListEventsInput,
    output: EventList,
    scope: 'runs:read',
    errors: codes('not_found'),
    http: {
      route: 'GET /v1/runs/{runId}/events',
      summary: 'List the events of a run',
      success: 'The events after `after` and before `before`.',
      description: `Events after \`after\` and before \`before\`, oldest first, or newest first with \`order=desc\`. ${describeSizeLimit('')}After the retention period of events, only \`end\` is left, with its original number.`,
    },
  }),
  toolCall: query({
    input: z.strictObject({ runId: RunId, toolCallId: ToolCallId }),
    output: ToolCall,
    scope: 'runs:read',
    errors: codes('not_found'),
    http: {
      route: 'GET /v1/runs/{runId}/calls/{toolCallId}',
      summary: 'Get a call of a run',
      success: 'The complete call.',
      description: 'The complete call, whatever its size, as in its newest event.',
    },
  }),
  stream: subscription({
    input: StreamEventsInput,
    output: RunStreamFrame,
    scope: 'runs:read',
    errors: codes('invalid_event_id', 'not_found', 'too_many_streams'),
    http: {
      route: 'GET /v1/runs/{runId}/sse',
      summary: 'Stream the events of a run',
      description:
        'Sends past events, then live events, as server-sent events, and closes after `end`. Last-Event-ID resumes exactly, also after a restart. `progress` frames have no id: they report calls that are running or retried for longer than 40 to 80 ms; clients may ignore them. A finished run that was read to its end answers 204. After the retention period of events, only `end` is left, with its original number.',
      headers: { 'Last-Event-ID': 'lastEventId' },
    },
  }),
  watch: subscription({
    input: WatchRunsInput,
    output: ListFrame,
    scope: 'runs:read',
    errors: codes('invalid_event_id', 'too_many_streams', 'unavailable'),
    http: {
      route: 'GET /v1/runs/sse',
      summary: 'Stream changes of the run list',
      description:
        'Sends changes of the list with these filters as server-sent events: first a `snapshot`, then a `run` for each matching run that is created or changed, and a `gone` for each run that no longer matches. Read the list after a `snapshot` that is not `resumed`; no change is missed in between. Last-Event-ID resumes for about a minute at the same process; otherwise a new `snapshot` follows. The server disconnects clients that do not read. The stream does not end.',
      headers: { 'Last-Event-ID': 'lastEventId' },
    },
  }),
});
