import { type CreateIntegrationInput, problem } from '@errand/contracts';

/** Refuses fields of the contract that this version does not serve; none is silently ignored. */
const refuse = (pointer: string, message: string) => {
  throw problem('not_supported', message, { errors: [{ pointer, message }] });
};

/** Refuses what the contract has and this version does not serve. @throws ProblemError not_supported, with the field */
export function refuseUnsupported(input: CreateIntegrationInput): void {
  if (input.idempotencyKey) refuse('/idempotencyKey', 'Idempotency-Key is not served here yet. Leave it out.');
}

/** @throws ProblemError not_supported: the answer contains a secret, so it is not stored for a repeated request */
export function refuseRepeat(idempotencyKey: string | undefined): void {
  if (idempotencyKey !== undefined) refuse('/idempotencyKey', 'Idempotency-Key is not served for keys. Leave it out.');
}
