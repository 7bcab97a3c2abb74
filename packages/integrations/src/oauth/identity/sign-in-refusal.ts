import { ProblemError, problem } from '@errand/contracts';
import { errorChain, findEgressError } from '../../egress/error.ts';
import { isTemporaryError } from '../http.ts';

/** Without a cause: errors of the libraries can contain tokens. */
export const refused = (detail: string) => problem('sign_in_refused', detail);

export const invalidToken = (reason: string) =>
  refused(`The ID token of the identity provider is not valid: ${reason}.`);

/** The refusal of a sign-in in plain words; an unexpected error is returned as it is. */
export function toRefusal(error: unknown, issuer: string): unknown {
  if (error instanceof ProblemError && error.code === 'sign_in_refused') return error;
  const egressError = findEgressError(error);
  if (egressError?.code === 'url_not_allowed')
    return refused(
      `Errand may not call the identity provider. ${egressError.operatorRemedy ?? 'Only public https addresses may be called.'}`,
    );
  if (egressError?.code === 'upstream_too_large') return refused('The answer of the identity provider is too large.');
  if (isTemporaryError(error))
    return refused(`The identity provider ${new URL(issuer).host} does not answer. Try again.`);
  const reason = errorChain(error).map(invalidTokenReason).find(Boolean);
  if (reason) return invalidToken(reason);
  return error instanceof ProblemError ? refused(problemText(error)) : error;
}

const CLAIM_REASONS: Readonly<Record<string, string>> = {
  iss: 'it was issued by another issuer',
  aud: 'it is for another client',
  azp: 'it is for another client',
  nonce: 'it belongs to another sign-in',
  exp: 'it has expired',
};

type LibraryError = Error & { code?: unknown; claim?: unknown };

/** Why jose or oauth4webapi rejects an ID token; undefined for another error. */
function invalidTokenReason(error: LibraryError): string | undefined {
  const { code, message, claim } = error;
  if (code === 'ERR_JWT_EXPIRED' || code === 'OAUTH_JWT_TIMESTAMP_CHECK_FAILED') return CLAIM_REASONS.exp;
  const name = claim ?? (error.cause as { claim?: unknown } | undefined)?.claim;
  if (typeof name === 'string' && Object.hasOwn(CLAIM_REASONS, name)) return CLAIM_REASONS[name];
  if (/"?alg"? /i.test(message)) return 'its signature algorithm is not accepted';
  return typeof code === 'string' && code.startsWith('ERR_J') ? 'its signature is not that of the issuer' : undefined;
}

function problemText({ code, detail = '' }: ProblemError): string {
  switch (code) {
    case 'oauth_state_invalid':
      return 'This sign-in is unknown, was used already, or is older than ten minutes.';
    case 'oauth_denied':
      return 'You or the identity provider denied the sign-in.';
    case 'unavailable':
      return 'The keys of the identity provider cannot be read. Try again.';
    default:
      return detail.replaceAll('authorization server', 'identity provider').replaceAll('authorization', 'sign-in');
  }
}
