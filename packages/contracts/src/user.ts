import { z } from 'zod';
import { CustomerIntegrationId, Timestamp, UserId } from './ids.ts';

export const IntegrationUserRef = z.strictObject({ customerIntegrationId: CustomerIntegrationId, userId: UserId });

export const PutCredentialsInput = z.strictObject({
  customerIntegrationId: CustomerIntegrationId,
  userId: UserId,
  apiToken: z
    .string()
    .min(1)
    .max(16_384)
    .regex(/^[^\r\n\0]+$/, 'Must be one line.')
    .meta({
      description: "The user's own token. Stored sealed; never shown again.",
      examples: ['crm_…'],
    }),
});

export const IntegrationUser = z
  .object({
    userId: UserId,
    active: z.boolean().meta({ description: 'Whether the user has a credential that may be used.', examples: [true] }),
    token: z
      .object({
        last4: z.string().meta({ description: 'The last four characters.', examples: ['k3Zq'] }),
        fingerprint: z.string().meta({ description: 'Equal tokens have equal fingerprints.', examples: ['9f86d081'] }),
      })
      .optional()
      .meta({ description: 'Enough to recognise the token, not to use it.' }),
    createdAt: Timestamp,
    updatedAt: Timestamp,
  })
  .meta({ id: 'IntegrationUser', description: 'An end user at an integration.' });
export type IntegrationUser = z.infer<typeof IntegrationUser>;
