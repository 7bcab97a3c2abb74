// The confirmation of consents by the product of the user.
import { mutation, withTag } from '@errand/trpc-openapi/contract';
import { z } from 'zod';
import { codes } from '../base/error.ts';
import { doc, inputText, optionalText } from '../base/fields.ts';
import { CustomerIntegrationId, UserId } from '../base/scalars.ts';
import { httpUrl } from './auth/auth.ts';

export const verifyUrl = httpUrl.meta(
  doc('The page of your product that confirms the user of a consent.', 'https://app.example.com/consents/verify'),
);

const ConfirmConsentInput = z
  .strictObject({
    code: inputText(200, 'The parameter `code` of the request to `verifyUrl`.', 'k3Zq…'),
    userId: UserId.meta({
      description: 'The user who is signed in to your product in the browser that made the request.',
    }),
  })
  .meta({ id: 'ConfirmConsent', description: 'A consent, and the user who gave it.' });

const ConfirmedConsent = z
  .object({
    customerIntegrationId: CustomerIntegrationId,
    userId: UserId,
    returnTo: optionalText(
      'Where to redirect the browser: `redirectUri` of the link, with ?status=success. Absent if the link had none.',
      'https://app.example.com/connected?status=success',
    ),
  })
  .meta({ id: 'ConfirmedConsent', description: 'A confirmed consent.' });

export const consentOperations = withTag('Users', {
  confirm: mutation({
    input: ConfirmConsentInput,
    output: ConfirmedConsent,
    scope: 'connections:write',
    callers: 'keys',
    errors: codes('consent_not_found', 'consent_gone', 'consent_for_another_user'),
    http: {
      route: 'POST /v1/consents/confirm',
      summary: 'Confirm a consent',
      success: 'The consent. Runs that wait for it continue.',
      description:
        'Stores the credential that a user gave, if the link was for this user. If it was for another one, the credential is deleted and revoked. A code is valid once, for ten minutes. Only API keys may call this.',
    },
  }),
});
