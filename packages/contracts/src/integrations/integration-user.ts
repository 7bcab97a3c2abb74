// The credentials of users at an integration: tokens and consents.
import { mutation, query } from '@errand/trpc-openapi/contract';
import { z } from 'zod';
import { codes } from '../base/error.ts';
import {
  defaultLimit,
  doc,
  flag,
  inPages,
  inputText,
  nextCursor,
  optionalFlag,
  optionalOneOf,
  optionalText,
  optionalTime,
  text,
  userCursor,
} from '../base/fields.ts';
import { CustomerIntegrationId, Timestamp, UserId } from '../base/scalars.ts';
import { BasicUser, httpUrl, tokenText } from './auth/auth.ts';
import { VariableValues } from './variables/variables.ts';

const IntegrationUserRef = z.strictObject({ customerIntegrationId: CustomerIntegrationId, userId: UserId });

/** The user of a link. */
const NamedUser = z
  .strictObject({ name: inputText(200, 'Name of the user, which the page shows instead of the id.', 'Ana Lopez') })
  .meta({ id: 'NamedUser', description: 'The user, for people.' });

export const AuthUrlInput = IntegrationUserRef.extend({
  user: NamedUser.optional().meta(doc('The user, for the page.', { name: 'Ana Lopez' })),
  redirectUri: httpUrl.optional().meta({
    description:
      'Where the user is redirected afterwards, with ?status=success or ?status=error. Its origin must be one of ERRAND_REDIRECT_ORIGINS, or that of this service. Without it the user sees a plain page.',
    examples: ['https://app.example.com/connected'],
  }),
}).meta({ id: 'AuthUrlRequest', description: 'The name of the user, and the page to which the user returns.' });

export const AuthUrl = z
  .object({
    authorizeUrl: text(
      'A page of this service for the user to open in a browser, within a day. A person who opens it connects their own account to this user, so send it only to the user.',
      'https://errand.example.com/v1/connect?token=WyIw…',
    ),
    active: flag('Whether the user has a usable credential already.', false),
    updatedAt: Timestamp.meta({
      description:
        'When the credential of the user changed last. The user has connected once a later answer is `active` and has another time.',
    }),
  })
  .meta({ id: 'AuthUrl', description: 'The page on which a user consents, and the present state of the credential.' });

/** Consents of users. */
export const consents = {
  authUrl: mutation({
    input: AuthUrlInput,
    output: AuthUrl,
    scope: 'connections:write',
    errors: codes('not_found'),
    http: {
      route: 'POST /v1/integrations/{customerIntegrationId}/users/{userId}/auth-url',
      summary: "Request a user's consent",
      success: 'The page for the user to open.',
      description:
        'Returns the URL of a page on which the user consents at the authorization server, or enters a token. Adds the user to the integration. Waiting runs continue after the consent.',
    },
  }),
};

const PutCredentialsInput = IntegrationUserRef.extend({
  apiToken: tokenText
    .optional()
    .meta({ description: "The user's own token, for API_TOKEN. Stored sealed and never returned." }),
  user: BasicUser.optional().meta(doc("The user's name at the service, for BASIC.", 'AC…')),
  password: tokenText.optional().meta({ description: 'Its password, for BASIC. Stored sealed and never returned.' }),
  variables: VariableValues.optional().meta({
    description: 'Values of the variables with from user, for this user. Kept if absent.',
  }),
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
      'The reason. rejected: the service answered 401. origin_changed: the origin or the authorization server of the integration has changed. lost: the answer to a refresh was lost. no_refresh_token: there is none. Otherwise an error code of the authorization server, such as invalid_grant or bad_refresh_token.',
      'invalid_grant',
    ),
    scope: optionalText(
      'The scopes that the user granted, if the server returns them.',
      'calendar.read calendar.write',
    ),
    variables: VariableValues.optional().meta({
      description: 'The values of variables for this user, without secret ones.',
    }),
    lastUsedAt: optionalTime(
      'When a run last used a credential of the user; up to a minute late.',
      '2026-01-31T09:30:00.000Z',
    ),
    createdAt: Timestamp,
    updatedAt: Timestamp,
  })
  .meta({ id: 'IntegrationUser', description: 'An end user at an integration.' });
export type IntegrationUser = z.infer<typeof IntegrationUser>;

const states = ['connected', 'needs_reconnect', 'not_connected'] as const;

export const ListIntegrationUsersInput = z.strictObject({
  customerIntegrationId: CustomerIntegrationId,
  state: optionalOneOf(
    states,
    'Only users in this state. connected: with a usable credential. needs_reconnect: with one that they must renew. not_connected: without one.',
    'needs_reconnect',
  ),
  pageSize: defaultLimit(20, 100, 'Users a page.'),
  cursor: userCursor,
});
export type UserState = (typeof states)[number];

export const IntegrationUserPage = z
  .object({ users: z.array(IntegrationUser), nextCursor })
  .meta({ id: 'IntegrationUserPage', description: 'A page of users at an integration, in the order of their ids.' });

/** A user's credential at one integration. */
export const integrationUsers = {
  users: query({
    input: inPages(ListIntegrationUsersInput),
    output: IntegrationUserPage,
    scope: 'runs:read',
    errors: codes('not_found', 'invalid_cursor'),
    http: {
      route: 'GET /v1/integrations/{customerIntegrationId}/users',
      summary: 'List the users of an integration',
      success: 'One page of users.',
      description: 'The users who belong to the integration, with the state of their credentials.',
    },
  }),
  getUser: query({
    input: IntegrationUserRef,
    output: IntegrationUser,
    scope: 'runs:read',
    errors: codes('not_found'),
    http: {
      route: 'GET /v1/integrations/{customerIntegrationId}/users/{userId}',
      summary: 'Get a user at an integration',
      success: 'The user at this integration.',
      description: 'Whether the user has a credential at the integration. The credential itself is never returned.',
    },
  }),
  putCredentials: mutation({
    input: PutCredentialsInput,
    output: IntegrationUser,
    scope: 'connections:write',
    errors: codes('not_found'),
    http: {
      route: 'PUT /v1/integrations/{customerIntegrationId}/users/{userId}/credentials',
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
    errors: codes('not_found'),
    http: {
      route: 'DELETE /v1/integrations/{customerIntegrationId}/users/{userId}/credentials',
      status: 204,
      summary: "Revoke a user's token or consent",
      success: 'The credential is erased; there is no body.',
      description: 'Erases the credential, and revokes it at the authorization server if possible.',
    },
  }),
};
