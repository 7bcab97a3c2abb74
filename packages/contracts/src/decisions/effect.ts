// Uncertain effects: writes with a lost answer, which a person resolves.
import { mutation, withTag } from '@errand/trpc-openapi/contract';
import { z } from 'zod';
import { OnBehalfOf } from '../access/claimed-person.ts';
import { codes } from '../base/error.ts';
import { optionalInputText, optionalText } from '../base/fields.ts';
import { Json } from '../base/json.ts';
import { EffectId, RunId, Timestamp } from '../base/scalars.ts';

export const EffectDecision = z.enum(['retry', 'happened', 'skip']).meta({
  id: 'EffectDecision',
  description:
    'retry: repeat the call with the same Idempotency-Key. happened: the call took effect; continue as if it had answered `output`. skip: continue without the call.',
  examples: ['happened'],
});

export const ResolveEffectInput = z
  .strictObject({
    effectId: EffectId,
    decision: EffectDecision,
    output: Json.optional().meta({
      description:
        'With `happened`: the lost answer, as the output schema of the tool describes it. Without it, steps that read the output of the call fail.',
      examples: [{ id: 'act_42' }],
    }),
    reason: optionalInputText(2000, 'Why, for the record.', 'The activity is in the CRM.'),
    onBehalfOf: OnBehalfOf.optional(),
  })
  .meta({ id: 'ResolveEffect', description: 'How to resolve a call that may have taken effect.' });
export type ResolveEffectInput = z.output<typeof ResolveEffectInput>;

export const ResolvedEffect = z
  .object({
    effectId: EffectId,
    runId: RunId,
    decision: EffectDecision,
    decidedBy: optionalText('Who decided. Absent if the request expired.', 'er_live_…k3Zq'),
    reason: optionalText('Why.', 'The activity is in the CRM.'),
    decidedAt: Timestamp,
  })
  .meta({ id: 'ResolvedEffect', description: 'A decision about an uncertain effect.' });
export type ResolvedEffect = z.infer<typeof ResolvedEffect>;

export const effects = withTag('Decisions', {
  resolve: mutation({
    input: ResolveEffectInput,
    output: ResolvedEffect,
    scope: 'approvals:decide',
    errors: codes('not_found', 'effect_already_resolved', 'approval_gone', 'self_approval', 'not_an_approver'),
    http: {
      route: 'POST /v1/effects/{effectId}',
      summary: 'Resolve an uncertain effect',
      success: 'The decision.',
      description:
        'The answer of a write was lost, so it is unknown whether the write took effect. The run waits until a person has checked the service and decides. An effect is resolved once; repeating the decision returns the same answer.',
    },
  }),
});
