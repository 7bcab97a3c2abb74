// User tokens: their schemas and the operations `contract.userTokens`.
import { mutation, withTag } from '@errand/trpc-openapi/contract';
import { z } from 'zod';
import { OnBehalfOf } from './access/claimed-person.ts';
import { UserAbility, userAbilities } from './access/user-token-grant.ts';
import { ApprovalStrategy } from './base/approval-strategy.ts';
import { codes, schemaCodes, selectionCodes } from './base/error.ts';
import { count, doc, optionalInputText, optionalLimit, text } from './base/fields.ts';
import { JsonSchema } from './base/json.ts';
import { RunId, Timestamp, UserId } from './base/scalars.ts';
import { IntegrationSelection, Metadata } from './runs/create.ts';
import { Budget } from './runs/result.ts';

const MAX_RUNS = 100;

const TokenPerson = OnBehalfOf.meta({
  id: 'UserTokenPerson',
  description:
    'The person who uses the token, as the product of the key knows them. Decisions by the token name the person. The key needs `persons:claim`.',
});

const TokenRun = z
  .strictObject({
    approvalStrategy: ApprovalStrategy.optional(),
    budget: Budget.optional(),
    outputSchema: JsonSchema.optional().meta({ description: 'JSON Schema of the result.' }),
    metadata: Metadata.optional(),
  })
  .meta({ id: 'UserTokenRun', description: 'Settings of every run that the token creates.' });

/** The defaults of the limits. */
export const USER_TOKEN_LIMITS = { requestsPerMinute: 120, streams: 5, openRuns: 5 } as const;

const LimitsInput = z
  .strictObject({
    requestsPerMinute: optionalLimit(600, 'Requests of the user in a minute. Default: 120.', 120),
    streams: optionalLimit(20, 'Open streams of the user. Default: 5.', 5),
    openRuns: optionalLimit(50, 'Runs of the user that have not ended. The token creates no more. Default: 5.', 5),
  })
  .meta({ id: 'UserTokenLimitsInput', description: 'Limits that differ from the defaults.' });

const UserTokenLimits = z
  .object({
    requestsPerMinute: count('Requests of the user in a minute.', 120),
    streams: count('Open streams of the user.', 5),
    openRuns: count('Runs of the user that have not ended.', 5),
  })
  .meta({ id: 'UserTokenLimits', description: 'The limits of the token.' });

const can = z.array(UserAbility).min(1).max(userAbilities.length);
const runIds = z.array(RunId).min(1).max(MAX_RUNS);

const CreateUserTokenInput = z
  .strictObject({
    userId: UserId,
    can: can.meta(doc('The abilities. The key needs the scopes of each.', ['watch'])),
    runIds: runIds
      .optional()
      .meta(doc('Only these runs of the user. Not with `ask`.', ['0192f0c1-7a3e-7c11-9d52-3f6b2f0c8a01'])),
    integrations: IntegrationSelection.optional().meta(
      doc('Only runs that selected no other integrations. Required with `ask`; ["*"] is all of them.', [
        'crm_1a2b3c4d',
      ]),
    ),
    minutes: z
      .int()
      .min(1)
      .max(60)
      .default(15)
      .meta(doc('Minutes until the token ends. It ends earlier if the key expires.', 15)),
    person: TokenPerson.optional(),
    run: TokenRun.optional().meta({ description: 'With `ask`: settings of every run that the token creates.' }),
    limits: LimitsInput.optional(),
    idempotencyKey: optionalInputText(
      255,
      'Not supported here: to repeat the answer, the service would have to store the token.',
      'key-1',
    ),
  })
  .meta({ id: 'CreateUserToken', description: 'A user token to create.' });
export type CreateUserTokenInput = z.output<typeof CreateUserTokenInput>;

export const UserToken = z
  .object({
    userTokenId: z.guid().meta(doc('Its id, not the token itself.', '0192f0c1-7a70-7b21-8d11-4c0e9f2a6b03')),
    token: text('The token itself. Only this answer contains it.', 'er_user_…'),
    userId: UserId,
    can: can.meta(doc('Its abilities.', ['watch'])),
    runIds: runIds.optional().meta(doc('Its runs, if it has only these.', ['0192f0c1-7a3e-7c11-9d52-3f6b2f0c8a01'])),
    integrations: IntegrationSelection.optional().meta(
      doc('Its integrations, if it has only these.', ['crm_1a2b3c4d']),
    ),
    person: TokenPerson.optional(),
    run: TokenRun.optional(),
    limits: UserTokenLimits,
    expiresAt: Timestamp,
  })
  .meta({ id: 'UserToken', description: 'A new user token with its bounds.' });
export type UserToken = z.infer<typeof UserToken>;

const RevokedUserTokens = z
  .object({ userId: UserId, revoked: count('Number of tokens that this request ended.', 2) })
  .meta({ id: 'RevokedUserTokens', description: 'The ended tokens of a user.' });

export const userTokens = withTag('User tokens', {
  create: mutation({
    input: CreateUserTokenInput,
    output: UserToken,
    scope: null,
    callers: 'keys',
    errors: codes(
      'keys_only',
      'insufficient_scope',
      'not_found',
      'not_supported',
      'too_many_user_tokens',
      ...selectionCodes,
      ...schemaCodes,
    ),
    http: {
      route: 'POST /v1/user-tokens',
      status: 201,
      summary: 'Create a user token',
      success: 'The user token. Only this answer contains it.',
      description:
        'A token of some minutes for the browser of an end user. It does what its abilities allow for this user alone, never more than the key. The key needs the scopes of each ability: runs:read for watch, runs:read and approvals:decide for decide, approvals:decide for edit, connections:write for connect, runs:write for ask. If a user has 100 tokens, the oldest ends.',
      headers: { 'Idempotency-Key': 'idempotencyKey' },
    },
  }),
  revoke: mutation({
    input: z.strictObject({ userId: UserId }),
    output: RevokedUserTokens,
    scope: null,
    callers: 'keys',
    errors: codes('keys_only'),
    http: {
      route: 'DELETE /v1/user-tokens',
      summary: 'End the tokens of a user',
      success: 'The number of ended tokens.',
      description:
        'Ends all tokens of the user, of all keys of the workspace. The answering process rejects them immediately, other processes within 5 seconds. Open streams end within 10 seconds. Repeating the request changes nothing.',
    },
  }),
});
