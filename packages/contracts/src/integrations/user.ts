// End users: their connections and last run, and the erasure of their credentials or of everything.
import { mutation, query, withTag } from '@errand/trpc-openapi/contract';
import { z } from 'zod';
import { codes } from '../base/error.ts';
import {
  defaultLimit,
  doc,
  flag,
  inPages,
  nextCursor,
  optionalCount,
  optionalFlag,
  optionalNonEmptyText,
  optionalText,
  optionalTime,
  text,
  userCursor,
} from '../base/fields.ts';
import { RunStatus } from '../base/run-status.ts';
import { CustomerIntegrationId, RunId, Timestamp, ToolCallId, UserId } from '../base/scalars.ts';

export const User = z
  .object({
    userId: UserId,
    connections: z
      .array(
        z.object({
          customerIntegrationId: CustomerIntegrationId,
          active: flag('Whether the user has a usable credential.', true),
          needsReconnect: optionalFlag(
            'Whether the stored token or consent is unusable, so that the user must renew it. Absent if nothing is stored.',
            false,
          ),
          reconnectReason: optionalText(
            'The reason, as of GET …/integrations/{customerIntegrationId}/users/{userId}.',
            'rejected',
          ),
          scope: optionalText('The scopes that the user granted, if the server returns them.', 'calendar.read'),
          lastUsedAt: optionalTime('When a run last used the credential.', '2026-01-31T09:30:00.000Z'),
          createdAt: Timestamp,
          updatedAt: Timestamp,
        }),
      )
      .meta({ description: 'Integrations that the user belongs to.' }),
    lastRun: z
      .object({ runId: RunId, status: RunStatus, createdAt: Timestamp })
      .optional()
      .meta({ description: 'The newest run on behalf of the user; absent when there is none.' }),
    erasingAt: optionalTime(
      'Since when everything of the user is being erased. The user is gone once that has ended.',
      '2026-01-31T09:30:00.000Z',
    ),
  })
  .meta({ id: 'User', description: 'An end user with runs or connections, or one that is being erased.' });
export type User = z.infer<typeof User>;

export const UserRef = z.strictObject({ userId: UserId });

export const ListUsersInput = inPages(
  z.strictObject({
    q: optionalNonEmptyText(200, 'Only users whose id begins with this.', 'user-1'),
    pageSize: defaultLimit(20, 100, 'Users a page.'),
    cursor: userCursor,
  }),
);

export const UserList = z
  .object({ users: z.array(User), nextCursor })
  .meta({ id: 'UserList', description: 'A page of users, in the order of their ids.' });

export const EraseUserInput = z.strictObject({
  userId: UserId,
  erase: z
    .enum(['credentials', 'everything'])
    .default('credentials')
    .meta({
      description:
        'credentials: the credentials at all integrations. everything: also runs with all their data, schedules and approval rules of the user; it also needs the scopes runs:write and runs:read.',
      examples: ['everything'],
    }),
});

const UncertainCall = z
  .object({
    runId: RunId,
    tool: text('The tool.', 'crm_1a2b3c4d.createDeal'),
    toolCallId: ToolCallId,
    since: Timestamp.meta({ description: 'When the call was sent.' }),
  })
  .meta({ id: 'UncertainCall', description: 'A write that was in flight when its run was cancelled.' });

export const ErasedUser = z
  .object({
    userId: UserId,
    erased: z.array(CustomerIntegrationId).meta(doc('Integrations from which the user was removed.', ['crm_1a2b3c4d'])),
    erasing: optionalFlag('True with `erase=everything`: the rest is removed in the background.', true),
    erasingAt: optionalTime('The time of the first such request.', '2026-01-31T09:30:00.000Z'),
    cancelled: optionalCount('Runs that were cancelled.', 2),
    uncertain: z.array(UncertainCall).optional().meta({
      description: 'Writes of cancelled runs with an unknown outcome; at most 100. Check them at their services.',
    }),
    uncertainCount: optionalCount('The number of all such writes.', 1),
    actions: z
      .array(z.string())
      .optional()
      .meta(
        doc('Keys of actions that were saved from runs of the user; at most 100. They stay.', ['create-sales-report']),
      ),
  })
  .meta({ id: 'ErasedUser', description: 'The erased connections of a user, and what else is being erased.' });
export type ErasedUser = z.infer<typeof ErasedUser>;

export const users = withTag('Users', {
  list: query({
    input: ListUsersInput,
    output: UserList,
    scope: 'runs:read',
    errors: codes('invalid_cursor'),
    http: {
      route: 'GET /v1/users',
      summary: 'List users',
      success: 'One page of users.',
      description:
        'End users with a run or a credential, in the order of their ids. `q` finds them by the beginning of the id.',
    },
  }),
  get: query({
    input: UserRef,
    output: User,
    scope: 'runs:read',
    errors: codes('not_found'),
    http: {
      route: 'GET /v1/users/{userId}',
      summary: 'Get a user',
      success: 'The user.',
      description: 'An end user with their connections and last run.',
    },
  }),
  erase: mutation({
    input: EraseUserInput,
    output: ErasedUser,
    scope: 'connections:write',
    http: {
      route: 'DELETE /v1/users/{userId}',
      summary: 'Erase a user',
      success: 'The integrations that the user was removed from, and what is being erased.',
      description:
        'Erases the credentials of the user at all integrations, and removes the user from them. Runs stay, unless `erase=everything`: then open runs are cancelled, and all data of the user is removed in the background. GET /v1/users/{userId} shows `erasingAt` until that has ended, at the earliest after a minute. Repeating the request returns the same numbers until then, and includes newer runs. The audit log is kept.',
    },
  }),
});
