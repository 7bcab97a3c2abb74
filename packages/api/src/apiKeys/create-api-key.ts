import { type contract, problem } from '@errand/contracts';
import type { Handler } from '../context.ts';
import { refuseRepeat } from '../not-supported.ts';
import { holds, lacks } from '../scope.ts';
import { shownKey } from './shown-key.ts';

/** Makes a key that may do no more than the one that asks. */
export const createApiKey: Handler<typeof contract.apiKeys.create> = async ({ input, ctx }) => {
  refuseRepeat(input.idempotencyKey);
  const { caller, deps } = ctx;
  const beyond = input.scopes.find((scope) => !holds(caller.scopes, scope));
  if (beyond) throw lacks(caller.scopes, beyond);
  const { name, scopes, expiresAt } = input;
  if (expiresAt !== undefined && Date.parse(expiresAt) <= Date.now()) {
    throw problem('validation_failed', 'The key would have expired already. Give a time to come.', {
      errors: [{ pointer: '/expiresAt', message: 'Must be in the future.' }],
    });
  }
  const { key, ...info } = await deps.db.apiKeys.create(
    caller.workspaceId,
    {
      name,
      scopes: [...new Set(scopes)],
      createdBy: caller.apiKeyId,
      ...(expiresAt !== undefined && { expiresAt: new Date(expiresAt) }),
    },
    ctx.actor,
  );
  return { ...shownKey(info), key };
};
