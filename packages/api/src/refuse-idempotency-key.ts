import { problem } from '@errand/contracts';

/** @throws ProblemError not_supported: the answer cannot be stored for a repeated request, for example because it contains a secret */
export function refuseIdempotencyKey(idempotencyKey: string | undefined): void {
  if (idempotencyKey === undefined) return;
  const message = 'Idempotency-Key is not supported by this operation.';
  throw problem('not_supported', message, { errors: [{ pointer: '/idempotencyKey', message }] });
}
