// How a product confirms the users of consents, for the whole workspace.
import { mutation, query, withTag } from '@errand/trpc-openapi/contract';
import { z } from 'zod';
import { verifyUrl } from '../integrations/consents.ts';

const ConsentSettings = z
  .object({ verifyUrl: verifyUrl.optional() })
  .meta({ id: 'ConsentSettings', description: 'How the consents of users are confirmed.' });
export type ConsentSettings = z.infer<typeof ConsentSettings>;

const SetConsentSettingsInput = z
  .strictObject({
    verifyUrl: verifyUrl.nullable().meta({
      description:
        'The page of your product that confirms the user of a consent, with https; http only at this machine. Its origin must be one of ERRAND_REDIRECT_ORIGINS. Null removes it.',
    }),
  })
  .meta({ id: 'SetConsentSettings', description: 'How to confirm the consents of users.' });

export const consentSettingsOperations = withTag('Instance', {
  consentSettings: query({
    input: z.strictObject({}),
    output: ConsentSettings,
    scope: 'admin',
    http: {
      route: 'GET /v1/workspace/consents',
      summary: 'Get the settings of consents',
      success: 'The settings.',
      description: 'The page that confirms the users of consents, for integrations without a page of their own.',
    },
  }),
  setConsentSettings: mutation({
    input: SetConsentSettingsInput,
    output: ConsentSettings,
    scope: 'admin',
    http: {
      route: 'PUT /v1/workspace/consents',
      summary: 'Set the settings of consents',
      success: 'The settings.',
      description:
        'With `verifyUrl`, a credential that a user gives counts only after your product has confirmed the user: POST /v1/consents/confirm. Consents that are waiting for a confirmation keep waiting. Recorded in the audit log.',
    },
  }),
});
