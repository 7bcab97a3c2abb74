import { mutation, query } from '@errand/trpc-openapi/contract';
import { z } from 'zod';
import { codes } from '../base/error.ts';
import {
  Action,
  ActionDetails,
  ActionRef,
  ActionResult,
  ChangeActionInput,
  KeepActionInput,
  ListActionsInput,
  RunActionInput,
} from './action.ts';

const schemaCodes = ['schema_not_supported', 'schema_pattern_unsupported', 'schema_too_complex'] as const;

/** Plans that are kept under a key and executed without planning. */
export const actions = {
  list: query({
    input: ListActionsInput,
    output: z.array(Action),
    scope: 'runs:read',
    errors: codes('validation_failed'),
    http: {
      method: 'GET',
      path: '/v1/actions',
      tag: 'Actions',
      summary: 'List actions',
      success: 'The actions, by key.',
      description:
        'In the order of their keys. Schemas are shown as far as they have room; `leftOut` names the others.',
    },
  }),
  keep: mutation({
    input: KeepActionInput,
    output: ActionDetails,
    scope: 'runs:write',
    readScope: 'runs:read',
    errors: codes(
      'validation_failed',
      'not_found',
      'action_exists',
      'plan_not_repeatable',
      'tools_changed',
      ...schemaCodes,
    ),
    http: {
      method: 'POST',
      path: '/v1/actions',
      status: 201,
      tag: 'Actions',
      summary: 'Keep a run as an action',
      success: 'The action, with what became an input.',
      description:
        'Keeps the plan of a run that ended as SUCCESS. Values that the intent or the context said become inputs; the others stay as they are. A plan that holds what was true of its run alone is refused: a time that was computed when it was planned, what was looked up, or answered by people. Needs runs:read, too.',
    },
  }),
  get: query({
    input: ActionRef,
    output: ActionDetails,
    scope: 'runs:read',
    errors: codes('validation_failed', 'not_found'),
    http: {
      method: 'GET',
      path: '/v1/actions/{key}',
      tag: 'Actions',
      summary: 'Get an action',
      success: 'The action.',
      description: 'An action with its plan, in JSON and in words, and the values that are or may be inputs.',
    },
  }),
  change: mutation({
    input: ChangeActionInput,
    output: ActionDetails,
    scope: 'runs:write',
    readScope: 'runs:read',
    errors: codes('validation_failed', 'not_found', ...schemaCodes),
    http: {
      method: 'PUT',
      path: '/v1/actions/{key}',
      tag: 'Actions',
      summary: 'Change an action',
      success: 'The action as it is now.',
      description:
        'Changes what the action takes and answers. Who changes it makes it: an action that is paused goes on. Fields that are left out stay. Needs runs:read, too.',
    },
  }),
  delete: mutation({
    input: ActionRef,
    output: z.null(),
    scope: 'runs:write',
    errors: codes('validation_failed', 'not_found'),
    http: {
      method: 'DELETE',
      path: '/v1/actions/{key}',
      status: 204,
      tag: 'Actions',
      summary: 'Delete an action',
      success: 'The action is deleted; there is no body.',
      description: 'Runs of it that are under way go on.',
    },
  }),
  run: mutation({
    input: RunActionInput,
    output: ActionResult,
    scope: 'runs:write',
    errors: codes(
      'validation_failed',
      'not_found',
      'action_paused',
      'action_stale',
      'action_waits',
      'action_unfinished',
      'action_failed',
      'connection_inactive',
      'invalid_idempotency_key',
      'idempotency_key_reused',
      'request_in_progress',
      'too_many_waits',
      'unavailable',
    ),
    http: {
      method: 'POST',
      path: '/v1/actions/run',
      tag: 'Actions',
      summary: 'Run an action',
      success: 'The run has succeeded.',
      description:
        'Executes the plan of an action with an input, without planning, as a run of the caller, and waits for its end. When a human must act first (action_waits), when the run takes longer than the request may (action_unfinished), and when it ends without success (action_failed), the problem has the `runId`: read on at GET /v1/runs/{runId}. None of the three means that the run stops, or that nothing was done: sent again without an Idempotency-Key, the request makes another run.',
      headers: { 'Idempotency-Key': 'idempotencyKey', Prefer: 'prefer' },
      answerHeaders: {
        'idempotent-replayed': '`true` when this is about the run of an earlier request with the same Idempotency-Key.',
      },
    },
  }),
};
