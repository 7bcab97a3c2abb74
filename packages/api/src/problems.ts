import { problem } from '@errand/contracts';

/** The value, or 404. @param noun follows `There is no such …` */
export function orNotFound<T>(value: T | null, noun: string): T {
  if (value === null) throw problem('not_found', `There is no such ${noun}.`);
  return value;
}

/** The error for one field of the input. @param pointer JSON pointer to the field */
export const invalidField = (pointer: string, message: string, values?: { bytes: number; maxBytes: number }) =>
  problem('validation_failed', message, { errors: [{ pointer, message }], ...(values && { values }) });

/** @throws ProblemError not_supported: the answer cannot be stored for a repeated request, for example because it contains a secret */
export function refuseIdempotencyKey(idempotencyKey: string | undefined): void {
  if (idempotencyKey === undefined) return;
  const message = 'Idempotency-Key is not supported by this operation.';
  throw problem('not_supported', message, { errors: [{ pointer: '/idempotencyKey', message }] });
}

export const insufficientScope = (scopes: readonly string[], scope: string | null, isPerson = false) =>
  problem(
    'insufficient_scope',
    `This operation needs the scope ${scope}. ${isPerson ? 'Your role' : 'The key'} has: ${scopes.join(', ') || 'none'}.`,
    {
      values: { scope: scope ?? undefined },
      ...(isPerson && { remedy: 'Ask an administrator of the workspace for another role.' }),
    },
  );

export const unauthenticated = (
  detail: string,
  { challenge = 'Bearer realm="errand"', remedy }: { challenge?: string; remedy?: string } = {},
) => problem('unauthenticated', detail, { headers: { 'www-authenticate': challenge }, ...(remedy && { remedy }) });
