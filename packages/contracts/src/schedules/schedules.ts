import { mutation, query } from '@errand/trpc-openapi/contract';
import { z } from 'zod';
import { codes } from '../base/error.ts';
import { CreatedRun, RunHandle } from '../runs/run.ts';
import { CreateScheduleInput, PatchScheduleInput, RunScheduleInput, Schedule, ScheduleRef } from './schedule.ts';

const TAG = 'Schedules';
const ofRuns = [
  'schema_not_supported',
  'schema_pattern_unsupported',
  'schema_too_complex',
  'plan_invalid',
  'connection_not_found',
  'connection_inactive',
] as const;

export const schedules = {
  list: query({
    input: z.strictObject({}),
    output: z.array(Schedule),
    scope: 'runs:read',
    errors: codes('validation_failed'),
    http: {
      method: 'GET',
      path: '/v1/schedules',
      tag: TAG,
      summary: 'List schedules',
      success: 'The schedules.',
      description: 'The schedules of the workspace, newest first; a workspace has 100 at most.',
    },
  }),
  create: mutation({
    input: CreateScheduleInput,
    output: Schedule,
    scope: 'runs:write',
    errors: codes('validation_failed', 'cron_invalid', 'schedule_limit_reached', ...ofRuns),
    http: {
      method: 'POST',
      path: '/v1/schedules',
      status: 201,
      tag: TAG,
      summary: 'Make a schedule',
      success: 'The schedule, with its next times.',
      description:
        'Creates the run at each time of cron, once, as the key that makes the schedule. Times that pass while the service is down are not made up for one by one: one run is created late, and its events tell how many were missed. The schedule pauses when that key is revoked.',
    },
  }),
  get: query({
    input: ScheduleRef,
    output: Schedule,
    scope: 'runs:read',
    errors: codes('validation_failed', 'not_found'),
    http: {
      method: 'GET',
      path: '/v1/schedules/{scheduleId}',
      tag: TAG,
      summary: 'Read a schedule',
      success: 'The schedule.',
      description: 'With its next times, and what became of the last one.',
    },
  }),
  patch: mutation({
    input: PatchScheduleInput,
    output: Schedule,
    scope: 'runs:write',
    readScope: 'runs:read',
    errors: codes('validation_failed', 'not_found', 'cron_invalid', ...ofRuns),
    http: {
      method: 'PATCH',
      path: '/v1/schedules/{scheduleId}',
      tag: TAG,
      summary: 'Change a schedule',
      success: 'The schedule as it is now.',
      description:
        'What is left out stays. A key that changes what it runs or when, or makes it active, is its maker from then on: its runs act as that key. Needs runs:read, too: the answer is the whole schedule.',
    },
  }),
  delete: mutation({
    input: ScheduleRef,
    output: z.null(),
    scope: 'runs:write',
    errors: codes('validation_failed', 'not_found'),
    http: {
      method: 'DELETE',
      path: '/v1/schedules/{scheduleId}',
      status: 204,
      tag: TAG,
      summary: 'Delete a schedule',
      success: 'It is gone; there is no body.',
      description: 'Runs that it has created stay.',
    },
  }),
  run: mutation({
    input: RunScheduleInput,
    output: z.union([CreatedRun, RunHandle]),
    scope: 'runs:write',
    errors: codes(
      'validation_failed',
      'not_found',
      'invalid_idempotency_key',
      'idempotency_key_reused',
      'request_in_progress',
      'too_many_waits',
      'unavailable',
      ...ofRuns,
    ),
    http: {
      method: 'POST',
      path: '/v1/schedules/{scheduleId}/run',
      status: 201,
      tag: TAG,
      summary: 'Run a schedule now',
      success: 'The run as it was accepted, with scheduleId. With `Prefer: wait` the run as it stands after the wait.',
      description:
        'Creates its run at once, beside its times, also while it is paused. The run acts as the key that asks. A key that does not hold runs:read is answered a RunHandle alone.',
      headers: { 'Idempotency-Key': 'idempotencyKey', Prefer: 'prefer' },
      answerHeaders: {
        'idempotent-replayed': '`true` when this is the answer to an earlier request with the same Idempotency-Key.',
      },
    },
  }),
};
