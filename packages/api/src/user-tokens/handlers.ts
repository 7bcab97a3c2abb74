import {
  type CreateUserTokenInput,
  includesScope,
  type KeyPrincipal,
  type Principal,
  problem,
  scopesOfAbility,
  USER_TOKEN_LIMITS,
  type UserToken,
  type UserTokenGrant,
} from '@errand/contracts';
import { scopesNeeded } from '@errand/db';
import type { Context, ContractHandlers } from '../context.ts';
import { insufficientScope, invalidField, orNotFound, refuseIdempotencyKey, unauthenticated } from '../problems.ts';

/** Tokens that keys mint for the browsers of end users. */
export const userTokens: ContractHandlers['userTokens'] = {
  create: ({ input, ctx }) => mint(ctx, keyOf(ctx.principal), input),
  revoke: async ({ input: { userId }, ctx: { principal, deps } }) => {
    const key = keyOf(principal);
    // A key that could mint no token ends none.
    const scopes = Object.values(scopesOfAbility).flat();
    if (!scopes.some((scope) => includesScope(key.scopes, scope))) throw insufficientScope(key.scopes, scopes[0]!);
    return { userId, revoked: await deps.db.userTokens.revoke(key.workspaceId, userId, key) };
  },
};

function keyOf(principal: Principal): KeyPrincipal {
  if (principal.kind === 'api_key') return principal;
  throw problem('keys_only', 'Only API keys may do this.');
}

/** Mints a token, which cannot do more than its key. */
async function mint(ctx: Context, key: KeyPrincipal, input: CreateUserTokenInput): Promise<UserToken> {
  refuseIdempotencyKey(input.idempotencyKey);
  const grant = toGrant(input);
  checkGrant(key, grant);
  await checkRuns(ctx, input.userId, grant);
  await checkSettings(ctx, input.userId, grant);
  const { userId, minutes, limits: ownLimits } = input;
  const limits = { ...USER_TOKEN_LIMITS, ...ownLimits };
  const created = await ctx.deps.db.userTokens.create(key, { userId, grant, limits, minutes });
  if (created === 'ended') throw unauthenticated('The API key is no longer valid.');
  if (created === 'full')
    throw problem('too_many_user_tokens', 'The workspace has its maximum of 10000 user tokens.', {
      headers: { 'retry-after': '60' },
    });
  const { expiresAt, ...token } = created;
  return { ...token, userId, ...grant, limits, expiresAt: expiresAt.toISOString() };
}

function toGrant({ can, runIds, integrations, person, run }: CreateUserTokenInput): UserTokenGrant {
  return {
    can: [...new Set(can)],
    ...(runIds && { runIds: [...new Set(runIds.map((id) => id.toLowerCase()))] }),
    ...(integrations && { integrations }),
    ...(person && { person }),
    ...(run && { run }),
  };
}

/** @throws ProblemError validation_failed, insufficient_scope */
function checkGrant(key: KeyPrincipal, grant: UserTokenGrant): void {
  const { can, runIds, integrations, person, run } = grant;
  const asks = can.includes('ask');
  if (can.includes('edit') && !can.includes('decide')) throw invalidField('/can', '`edit` needs `decide`.');
  if (asks && runIds) throw invalidField('/runIds', 'A token with `ask` creates runs, so it cannot be bound to some.');
  if (asks && !integrations)
    throw invalidField('/integrations', '`ask` needs the integrations that runs may select; ["*"] is all of them.');
  if (run && !asks) throw invalidField('/run', 'Settings of runs need the ability `ask`.');
  const missing = scopesNeeded(grant).find((scope) => !includesScope(key.scopes, scope));
  if (missing) throw insufficientScope(key.scopes, missing);
  if (person && key.product === undefined)
    throw invalidField('/person', 'The key has no product, which would name the person.');
}

/** @throws ProblemError not_found, the same for a run of another user as for an unknown one */
async function checkRuns({ workspaceDb }: Context, userId: string, { runIds }: UserTokenGrant): Promise<void> {
  if (!runIds) return;
  const count = await workspaceDb.runOwners.countOf(userId, runIds);
  orNotFound(count === runIds.length || null, 'run');
}

/** Checks the integrations and the schema as for a run. @throws ProblemError connection_*, schema_* */
async function checkSettings(
  { deps, principal }: Context,
  userId: string,
  { integrations, run = {} }: UserTokenGrant,
): Promise<void> {
  if (!integrations && !run.outputSchema) return;
  await deps.engine.checkRun(principal.workspaceId, {
    intent: 'A run of the user',
    context: '',
    userId,
    selectedCustomerIntegrationIds: integrations ?? ['*'],
    approvalStrategy: 'NONE',
    metadata: {},
    priority: 0,
    ...(run.outputSchema && { outputSchema: run.outputSchema }),
  });
}
