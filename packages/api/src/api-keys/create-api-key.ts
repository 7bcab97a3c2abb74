import { type contract, holds, idOfKey, problem } from '@errand/contracts';
import type { Handler } from '../context.ts';
import { insufficientScope, refuseIdempotencyKey } from '../problems.ts';
import { toApiKey } from './to-api-key.ts';

/** Creates a key. It cannot have more rights than the caller's key. */
export const createApiKey: Handler<typeof contract.apiKeys.create> = async ({ input, ctx }) => {
  refuseIdempotencyKey(input.idempotencyKey);
  const { principal, deps } = ctx;
  const beyond = input.scopes.find((scope) => !holds(principal, scope));
  if (beyond) throw insufficientScope(principal.scopes, beyond);
  const { name, scopes, expiresAt } = input;
  if (expiresAt !== undefined && Date.parse(expiresAt) <= Date.now()) {
    throw problem('validation_failed', '`expiresAt` is in the past.', {
      errors: [{ pointer: '/expiresAt', message: 'Must be in the future.' }],
    });
  }
  const { key, ...info } = await deps.db.apiKeys.create(
    principal.workspaceId,
    {
      name,
      scopes: [...new Set(scopes)],
      createdBy: idOfKey(principal),
      ...(expiresAt !== undefined && { expiresAt: new Date(expiresAt) }),
    },
    principal,
  );
  return { ...toApiKey(info), key };
};
