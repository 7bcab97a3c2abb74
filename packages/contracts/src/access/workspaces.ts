// Workspaces of the instance. Operators and the platform key call these operations; they show names and ids, and nothing inside.
import { mutation, query, withTag } from '@errand/trpc-openapi/contract';
import { z } from 'zod';
import { codes } from '../base/error.ts';
import {
  cursor,
  defaultLimit,
  doc,
  inputText,
  nextCursor,
  optionalNonEmptyText,
  optionalTime,
  text,
} from '../base/fields.ts';
import { Timestamp } from '../base/scalars.ts';
import { WorkspaceId } from './session.ts';

const name = inputText(100, 'Its name, which no other workspace has.', 'Acme');

const workspaceFields = {
  workspaceId: WorkspaceId,
  name: text('Its name.', 'Acme'),
  createdAt: Timestamp,
  suspendedAt: optionalTime('Since when it is suspended.', '2026-01-31T09:30:00.000Z'),
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
    input: z.strictObject({ pageSize: defaultLimit(100, 1000, 'Workspaces a page.'), cursor }),
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
    callers: 'instance',
    errors: codes('not_found', 'workspace_exists'),
    http: {
      route: `PATCH ${ROUTE}/{workspaceId}`,
      summary: 'Rename a workspace',
      success: 'The workspace.',
      description: 'Its administrators may do this, too.',
    },
  }),
  suspend: mutation({
    input: WorkspaceRef,
    output: Workspace,
    scope: null,
    callers: 'instance',
    errors: codes('not_found'),
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
    errors: codes('not_found'),
    http: {
      route: `POST ${ROUTE}/{workspaceId}/resume`,
      summary: 'Resume a suspended workspace',
      success: 'The workspace.',
      description: 'Its keys, sessions and schedules work again.',
    },
  }),
});
