// Workspaces of the instance. Operators and the platform key call these operations; they show names and ids, and nothing inside.
import { mutation, query, withTag } from '@errand/trpc-openapi/contract';
import { z } from 'zod';
import { codes } from '../base/error.ts';
import {
  cursor,
  defaultLimit,
  doc,
  inPages,
  inputText,
  nextCursor,
  optionalLimit,
  optionalNonEmptyText,
  optionalTime,
  text,
} from '../base/fields.ts';
import { Timestamp } from '../base/scalars.ts';
import { ApiKeyId } from './api-keys.ts';
import { CreatedInvitation } from './members.ts';
import { WorkspaceId } from './session.ts';

const name = inputText(100, 'Its name, which no other workspace has.', 'Acme');

const limitFields = {
  requestsPerMinute: optionalLimit(
    10_000_000,
    'Requests of all its callers in a minute. Absent: only the limit of each key applies.',
    6000,
  ),
  runs: optionalLimit(
    10_000,
    'Its runs in progress at the same time; further ones stay queued. Absent: ERRAND_WORKSPACE_CONCURRENCY.',
    20,
  ),
  streams: optionalLimit(
    1_000_000,
    'Its open streams, of all keys and sessions. Absent: only the limits of keys and sessions apply.',
    100,
  ),
  integrations: z
    .int()
    .min(0)
    .max(100_000)
    .optional()
    .meta(doc('Its integrations. Absent: as many as it registers.', 50)),
};

export const WorkspaceLimits = z
  .object(limitFields)
  .meta({ id: 'WorkspaceLimits', description: 'The limits of a workspace that differ from those of the instance.' });
export type WorkspaceLimits = z.infer<typeof WorkspaceLimits>;

const workspaceFields = {
  workspaceId: WorkspaceId,
  name: text('Its name.', 'Acme'),
  createdAt: Timestamp,
  suspendedAt: optionalTime('Since when it is suspended.', '2026-01-31T09:30:00.000Z'),
  deletingAt: optionalTime('Since when it is being deleted.', '2026-01-31T09:30:00.000Z'),
  limits: WorkspaceLimits,
};

export const Workspace = z.object(workspaceFields).meta({ id: 'Workspace', description: 'A workspace.' });
export type Workspace = z.infer<typeof Workspace>;

const CreatedWorkspace = z
  .object({
    ...workspaceFields,
    key: text('Its first API key, with all scopes. Only this answer has it.', 'er_live_…')
      .optional()
      .meta({ description: 'Its first API key, with all scopes. Only this answer has it.' }),
    invitation: text('The link for its first administrator. Only this answer has it.', 'https://…/console/#…')
      .optional()
      .meta({ description: 'The link for its first administrator. Only this answer has it.' }),
  })
  .meta({ id: 'CreatedWorkspace', description: 'A new workspace.' });

const CreateWorkspaceInput = z
  .strictObject({
    name,
    withKey: z.boolean().default(false).meta(doc('Whether to create a first API key.', true)),
    administrator: optionalNonEmptyText(100, 'The name of its first administrator, who is invited.', 'Ada'),
  })
  .meta({ id: 'CreateWorkspace', description: 'A workspace to create.' });

const changedLimit = <T extends z.ZodType>(limit: T) =>
  limit.nullable().meta({ description: 'Null removes the limit; without the member it stays.', examples: [50] });

const SetLimitsInput = z
  .strictObject({
    workspaceId: WorkspaceId,
    requestsPerMinute: changedLimit(limitFields.requestsPerMinute),
    runs: changedLimit(limitFields.runs),
    streams: changedLimit(limitFields.streams),
    integrations: changedLimit(limitFields.integrations),
  })
  .meta({ id: 'SetLimits', description: 'Limits of a workspace to change.' });

const WorkspaceRef = z.strictObject({ workspaceId: WorkspaceId });
const ROUTE = '/v1/workspaces';

export const workspaces = withTag('Workspaces', {
  create: mutation({
    input: CreateWorkspaceInput,
    output: CreatedWorkspace,
    scope: null,
    callers: 'instance',
    errors: codes('workspace_exists'),
    http: {
      route: `POST ${ROUTE}`,
      status: 201,
      summary: 'Create a workspace',
      success: 'The workspace.',
      description:
        'Creates a workspace, on request with a first API key and an invitation for its first administrator.',
    },
  }),
  list: query({
    input: inPages(z.strictObject({ pageSize: defaultLimit(100, 1000, 'Workspaces a page.'), cursor })),
    output: z
      .object({ workspaces: z.array(Workspace), nextCursor })
      .meta({ id: 'WorkspacePage', description: 'A page of workspaces, oldest first.' }),
    scope: null,
    callers: 'instance',
    http: {
      route: `GET ${ROUTE}`,
      summary: 'List workspaces',
      success: 'A page of workspaces.',
      description: 'All workspaces of the instance, oldest first.',
    },
  }),
  rename: mutation({
    input: z.strictObject({ workspaceId: WorkspaceId, name }),
    output: Workspace,
    scope: null,
    callers: 'managers',
    errors: codes('not_found', 'workspace_exists', 'workspace_deleting'),
    http: {
      route: `PATCH ${ROUTE}/{workspaceId}`,
      summary: 'Rename a workspace',
      success: 'The workspace.',
      description: 'Its administrators may do this, too.',
    },
  }),
  setLimits: mutation({
    input: SetLimitsInput,
    output: Workspace,
    scope: null,
    callers: 'instance',
    errors: codes('not_found', 'workspace_deleting'),
    http: {
      route: `PATCH ${ROUTE}/{workspaceId}/limits`,
      summary: 'Change the limits of a workspace',
      success: 'The workspace.',
      description:
        'All processes know a change within 10 seconds. A lower limit ends nothing: it refuses what is new until enough has ended.',
    },
  }),
  createKey: mutation({
    input: WorkspaceRef,
    output: z
      .object({
        apiKeyId: ApiKeyId,
        key: text('The key, with all scopes. Only this answer has it.', 'er_live_…'),
      })
      .meta({ id: 'FirstKey', description: 'The first key of a workspace.' }),
    scope: null,
    callers: 'instance',
    errors: codes('not_found', 'workspace_has_key', 'workspace_deleting'),
    http: {
      route: `POST ${ROUTE}/{workspaceId}/keys`,
      status: 201,
      summary: 'Create the first key of a workspace',
      success: 'The key.',
      description:
        'Creates a key with all scopes in a workspace without a valid key. The workspace sees the key and its maker.',
    },
  }),
  inviteAdministrator: mutation({
    input: z
      .strictObject({
        workspaceId: WorkspaceId,
        name: inputText(100, 'The name of the person.', 'Grace'),
      })
      .meta({ id: 'InviteAdministrator', description: 'A person to invite as the first administrator.' }),
    output: CreatedInvitation,
    scope: null,
    callers: 'instance',
    errors: codes(
      'not_found',
      'workspace_has_administrator',
      'invitation_limit_reached',
      'item_limit_reached',
      'workspace_deleting',
    ),
    http: {
      route: `POST ${ROUTE}/{workspaceId}/administrators`,
      status: 201,
      summary: 'Invite the first administrator of a workspace',
      success: 'The invitation.',
      description:
        'Invites a person into a workspace without an administrator. The invitation works once, within seven days.',
    },
  }),
  suspend: mutation({
    input: WorkspaceRef,
    output: Workspace,
    scope: null,
    callers: 'instance',
    errors: codes('not_found', 'workspace_deleting'),
    http: {
      route: `POST ${ROUTE}/{workspaceId}/suspend`,
      summary: 'Suspend a workspace',
      success: 'The workspace.',
      description:
        'Its keys, sessions, open streams and schedules end within 30 seconds. Nothing is deleted; calls of runs that have begun are completed.',
    },
  }),
  resume: mutation({
    input: WorkspaceRef,
    output: Workspace,
    scope: null,
    callers: 'instance',
    errors: codes('not_found', 'workspace_deleting'),
    http: {
      route: `POST ${ROUTE}/{workspaceId}/resume`,
      summary: 'Resume a suspended workspace',
      success: 'The workspace.',
      description: 'Its keys, sessions and schedules work again.',
    },
  }),
  delete: mutation({
    input: z
      .strictObject({
        workspaceId: WorkspaceId,
        name: inputText(100, 'Its name, exactly: a confirmation.', 'Acme'),
      })
      .meta({ id: 'DeleteWorkspace', description: 'A workspace to delete.' }),
    output: Workspace,
    scope: null,
    callers: 'instance',
    errors: codes('not_found', 'workspace_not_suspended', 'workspace_busy', 'workspace_deleting'),
    http: {
      route: `POST ${ROUTE}/{workspaceId}/delete`,
      status: 202,
      summary: 'Delete a suspended workspace',
      success: 'The workspace, which is being deleted.',
      description:
        'Deletes a workspace that is suspended and has no run in progress, with its keys, members, credentials, integrations, runs and usage. It cannot be undone. The rows are removed from a minute after the suspension on, in the background; the name is free when the list no longer has the workspace. Its audit log is kept.',
    },
  }),
});
