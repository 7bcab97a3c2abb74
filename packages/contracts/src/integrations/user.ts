// End users: their connections and last run, and the erasure of their credentials.
import { mutation, query, withTag } from '@errand/trpc-openapi/contract';
import { z } from 'zod';
import { codes } from '../base/error.ts';
import {
  defaultLimit,
  doc,
  flag,
  inPages,
  nextCursor,
  optionalFlag,
  optionalNonEmptyText,
  optionalText,
  userCursor,
} from '../base/fields.ts';
import { RunStatus } from '../base/run-status.ts';
import { CustomerIntegrationId, RunId, Timestamp, UserId } from '../base/scalars.ts';

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
          createdAt: Timestamp,
          updatedAt: Timestamp,
        }),
      )
      .meta({ description: 'Integrations that the user belongs to.' }),
    lastRun: z
      .object({ runId: RunId, status: RunStatus, createdAt: Timestamp })
      .optional()
      .meta({ description: 'The newest run on behalf of the user; absent when there is none.' }),
  })
  .meta({ id: 'User', description: 'An end user with runs or connections.' });
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

export const ErasedUser = z
  .object({
    userId: UserId,
    erased: z.array(CustomerIntegrationId).meta(doc('Integrations from which the user was removed.', ['crm_1a2b3c4d'])),
  })
  .meta({ id: 'ErasedUser', description: 'The erased connections of a user.' });
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
    input: UserRef,
    output: ErasedUser,
    scope: 'connections:write',
    http: {
      route: 'DELETE /v1/users/{userId}',
      summary: "Erase a user's credentials",
      success: 'The integrations that the user was removed from.',
      description: 'Erases the credentials of the user at all integrations, and removes the user from them. Runs stay.',
    },
  }),
});
