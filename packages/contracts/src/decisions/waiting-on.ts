// The requests to people that a run waits for, as runs, the inbox and webhooks show them.
import { z } from 'zod';
import { doc, oneOf, text } from '../base/fields.ts';
import { Json } from '../base/json.ts';
import { ApprovalId, ConsentId, CustomerIntegrationId, EffectId, QuestionId, Timestamp } from '../base/scalars.ts';
import { requestedSchema } from './input.ts';
import { Choices } from './question.ts';

export const WaitingOn = z
  .object({
    kind: oneOf(
      ['plan', 'call', 'consent', 'effect', 'question', 'input'],
      'plan: approval of a plan. call: approval of a call. consent: a consent or credential of the user. effect: whether a call took effect. question: a question to a person. input: an input request of a service.',
      'call',
    ),
    approvalId: ApprovalId.optional(),
    effectId: EffectId.optional(),
    consentId: ConsentId.optional(),
    requestId: QuestionId.optional(),
    customerIntegrationId: CustomerIntegrationId.optional(),
    text: text('The request, as text.', 'Create a ticket for Northwind at Demo CRM?'),
    choices: Choices.optional(),
    requestedSchema: requestedSchema.optional(),
    resolveWith: z
      .object({
        method: text('Its HTTP method.', 'POST'),
        path: text('Its path.', '/v1/effects/0192f0c1-7a41-7a04-8c11-2d6f8e9b0c04'),
        body: Json.optional().meta(doc('Its body, for one of the answers.', { decision: 'retry' })),
      })
      .meta({ description: 'The request that resolves it.' }),
    expiresAt: Timestamp.optional(),
  })
  .meta({ id: 'WaitingOn', description: 'Something that a person must do before the run continues.' });
export type WaitingOn = z.infer<typeof WaitingOn>;
