import { mutation } from '@errand/trpc-openapi/contract';
import { z } from 'zod';
import { codes } from '../base/error.ts';
import { text } from '../base/fields.ts';
import { CustomerIntegrationId, UserId } from '../base/ids.ts';

export const AuthUrlInput = z
  .strictObject({
    customerIntegrationId: CustomerIntegrationId,
    userId: UserId,
    redirectUri: z
      .url({ protocol: /^https?$/, error: 'Must be an http(s) URL.' })
      .max(2_000)
      .optional()
      .meta({
        description:
          'Where the user is redirected afterwards, with ?status=success or ?status=error. Its origin must be one of ERRAND_REDIRECT_ORIGINS, or that of this service. Without it the user sees a plain page.',
        examples: ['https://app.example.com/connected'],
      }),
  })
  .meta({ id: 'AuthUrlRequest', description: 'The page to which the user returns.' });

export const AuthUrl = z
  .object({
    authorizeUrl: text(
      'A page of this service for the user to open in a browser, within a day. A person who opens it connects their own account to this user, so send it only to the user.',
      'https://errand.example.com/v1/connect?token=WyIw…',
    ),
  })
  .meta({ id: 'AuthUrl', description: 'The page on which a user consents.' });

/** Consents of users. */
export const consents = {
  authUrl: mutation({
    input: AuthUrlInput,
    output: AuthUrl,
    scope: 'connections:write',
    errors: codes('validation_failed', 'not_found'),
    http: {
      method: 'POST',
      path: '/v1/integrations/{customerIntegrationId}/users/{userId}/auth-url',
      tag: 'Integrations',
      summary: "Request a user's consent",
      success: 'The page for the user to open.',
      description:
        'Returns the URL of a page on which the user consents at the authorization server, or enters a token. Adds the user to the integration. Waiting runs continue after the consent.',
    },
  }),
};
