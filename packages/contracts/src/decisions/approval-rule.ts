// Approval rules: calls of a tool that need no approval.
import { mutation, query, withTag } from '@errand/trpc-openapi/contract';
import { z } from 'zod';
import { OnBehalfOf } from '../access/claimed-person.ts';
import { codes, schemaCodes } from '../base/error.ts';
import {
  doc,
  listInput,
  nextCursor,
  oneOf,
  optionalFlag,
  optionalInputText,
  optionalTime,
  text,
} from '../base/fields.ts';
import { JsonSchema } from '../base/json.ts';
import { Timestamp, ToolName, UserId, uuid } from '../base/scalars.ts';

const ApprovalRuleId = uuid('ApprovalRuleId', 'Id of an approval rule.', '0192f0c1-7a60-7b21-8f35-9d0c4e2b6a06');

const ruleFields = {
  tool: ToolName,
  userId: UserId.optional().meta({ description: 'Only runs of this user. Default: runs of every user.' }),
  argsSchema: JsonSchema.optional().meta({
    description: 'JSON Schema (draft-07) of the arguments that need no approval. Default: all arguments.',
    examples: [{ properties: { body: { properties: { amount: { maximum: 100 } }, required: ['amount'] } } }],
  }),
  expiresAt: Timestamp.meta(doc('When the rule expires, at most a year ahead.', '2027-01-31T09:30:00.000Z')),
  reason: optionalInputText(2000, 'Why, for the record.', 'Small amounts are fine.'),
};

const CreateApprovalRuleInput = z
  .strictObject({
    ...ruleFields,
    expiresAt: z.iso.datetime().meta(ruleFields.expiresAt.meta()!),
    onBehalfOf: OnBehalfOf.optional(),
  })
  .meta({ id: 'CreateApprovalRule', description: 'Calls that need no approval.' });

export const ApprovalRule = z
  .object({
    approvalRuleId: ApprovalRuleId,
    ...ruleFields,
    state: oneOf(
      ['active', 'expired', 'revoked', 'tool_changed'],
      'Only an active rule applies. tool_changed: the tool has changed or was deleted since the rule was made; create a new rule.',
      'active',
    ),
    createdBy: text('The name of the key or the person that created it.', 'billing service'),
    createdAt: Timestamp,
    revokedAt: optionalTime('When it was revoked.', '2026-01-31T09:30:00.000Z'),
  })
  .meta({
    id: 'ApprovalRule',
    description: 'An approval rule: calls of a tool need no approval if their arguments fit, until the rule expires.',
  });
export type ApprovalRule = z.infer<typeof ApprovalRule>;

export const ApprovalRulePage = z
  .object({ approvalRules: z.array(ApprovalRule), nextCursor })
  .meta({ id: 'ApprovalRulePage', description: 'A page of approval rules, newest first.' });

export const approvalRules = withTag('Decisions', {
  list: query({
    input: listInput('Rules', {
      active: optionalFlag('true: only rules that apply. false: only rules that do not.', true),
      userId: UserId.optional().meta({ description: 'Only rules for this user, without those for every user.' }),
      tool: ToolName.optional().meta({
        description: 'Only rules for this tool.',
        examples: ['crm_1a2b3c4d.createDeal'],
      }),
    }),
    output: ApprovalRulePage,
    scope: 'approvals:decide',
    errors: codes('invalid_cursor'),
    http: {
      route: 'GET /v1/approval-rules',
      summary: 'List approval rules',
      success: 'One page of rules.',
      description: 'Newest first, including expired and revoked rules.',
    },
  }),
  create: mutation({
    input: CreateApprovalRuleInput,
    output: ApprovalRule,
    scope: 'approvals:decide',
    errors: codes('not_found', 'item_limit_reached', ...schemaCodes),
    http: {
      route: 'POST /v1/approval-rules',
      status: 201,
      summary: 'Create an approval rule',
      success: 'The rule. It applies within a second.',
      description:
        'Calls of the tool whose arguments match need no approval, until the rule expires or is revoked. The rule applies within a second, and only to the current version of the tool. Pending requests stay open.',
    },
  }),
  revoke: mutation({
    input: z.strictObject({ approvalRuleId: ApprovalRuleId }),
    output: z.null(),
    scope: 'approvals:decide',
    errors: codes('not_found'),
    http: {
      route: 'DELETE /v1/approval-rules/{approvalRuleId}',
      status: 204,
      summary: 'Revoke an approval rule',
      success: 'The rule is revoked; there is no body.',
      description: 'Calls need approval again within a second. Repeating the request changes nothing.',
    },
  }),
});
