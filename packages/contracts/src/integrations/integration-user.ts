import { mutation, query } from '@errand/trpc-openapi/contract';
import { z } from 'zod';
import { described } from '../base/described.ts';
import { codes } from '../base/error.ts';
import { flag, optionalFlag, optionalText, text } from '../base/fields.ts';
import { CustomerIntegrationId, Timestamp, UserId } from '../base/ids.ts';

const IntegrationUserRef = z.strictObject({ customerIntegrationId: CustomerIntegrationId, userId: UserId });

const PutCredentialsInput = z.strictObject({
  customerIntegrationId: CustomerIntegrationId,
  userId: UserId,
  apiToken: z
    .string()
    .min(1)
    .max(16_384)
    .regex(/^[^\r\n\0]+$/, 'Must be one line.')
    .meta(described("The user's own token. Stored sealed and never returned.", 'crm_…')),
});

export const IntegrationUser = z
  .object({
    userId: UserId,
    active: flag('Whether the user has a usable credential.', true),
    token: z
      .object({
        last4: text('The last four characters.', 'k3Zq'),
        fingerprint: text('Equal tokens have equal fingerprints.', '9f86d081'),
      })
      .optional()
      .meta({ description: 'Identifies the token without revealing it.' }),
    needsReconnect: optionalFlag(
      'Whether the stored token or consent is unusable, so that the user must renew it. Runs that need it wait. Absent if nothing is stored.',
      false,
    ),
    reconnectReason: optionalText(
      'The reason. rejected: the service answered 401. origin_changed: the origin or the authorization server of the integration has changed. lost: the answer to a refresh was lost. no_refresh_token: there is none. Otherwise an error code of the authorization server, such as invalid_grant.',
      'invalid_grant',
    ),
    scope: optionalText(
      'The scopes that the user granted, if the server returns them.',
      'calendar.read calendar.write',
    ),
    createdAt: Timestamp,
    updatedAt: Timestamp,
  })
  .meta({ id: 'IntegrationUser', description: 'An end user at an integration.' });
export type IntegrationUser = z.infer<typeof IntegrationUser>;

/** A user's credential at one integration. */
export const integrationUsers = {
  getUser: query({
    input: IntegrationUserRef,
    output: IntegrationUser,
    scope: 'runs:read',
    errors: codes('validation_failed', 'not_found'),
    http: {
      method: 'GET',
      path: '/v1/integrations/{customerIntegrationId}/users/{userId}',
      tag: 'Integrations',
      summary: 'Get a user at an integration',
      success: 'The user at this integration.',
      description: 'Whether the user has a credential at the integration. The credential itself is never returned.',
    },
  }),
  putCredentials: mutation({
    input: PutCredentialsInput,
    output: IntegrationUser,
    scope: 'connections:write',
    errors: codes('validation_failed', 'not_found'),
    http: {
      method: 'PUT',
      path: '/v1/integrations/{customerIntegrationId}/users/{userId}/credentials',
      tag: 'Integrations',
      summary: "Store a user's token",
      success: 'The user at this integration.',
      description:
        'Replaces an earlier token. The token is bound to the current origin of the integration. Waiting runs continue. Errand does not test the token: after a 401 of the service, it asks the user again.',
    },
  }),
  deleteCredentials: mutation({
    input: IntegrationUserRef,
    output: z.null(),
    scope: 'connections:write',
    errors: codes('validation_failed', 'not_found'),
    http: {
      method: 'DELETE',
      path: '/v1/integrations/{customerIntegrationId}/users/{userId}/credentials',
      status: 204,
      tag: 'Integrations',
      summary: "Revoke a user's token or consent",
      success: 'The credential is erased; there is no body.',
      description: 'Erases the credential, and revokes it at the authorization server if possible.',
    },
  }),
};
