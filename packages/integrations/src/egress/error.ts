import { type ProblemError, problem } from '@errand/contracts';

export type EgressErrorCode =
  | 'url_not_allowed'
  | 'request_not_allowed'
  | 'upstream_error'
  | 'upstream_redirect'
  | 'upstream_too_large'
  | 'upstream_timeout'
  | 'upstream_unreachable'
  | 'canceled';

const messages: Record<EgressErrorCode, string> = {
  url_not_allowed: 'The URL may not be called.',
  request_not_allowed: 'A header of the request may not be sent.',
  upstream_error: 'The call exceeded its limit of requests, messages or reconnects.',
  upstream_redirect: 'The service answered with a redirect, which is not followed.',
  upstream_too_large: 'The answer of the service is too large.',
  upstream_timeout: 'The service did not answer in time.',
  upstream_unreachable: 'The service cannot be reached, or broke off its answer.',
  canceled: 'The call was canceled.',
};

/**
 * A call without an answer. Its message is for users and says nothing about this network, so that the service is no port scanner. `cause`
 * has the details, for logs.
 */
export class EgressError extends Error {
  override readonly name = 'EgressError';
  /** Whether a byte of the request may have reached the service. */
  readonly sent: boolean;
  readonly status: number | undefined;
  /** Whether the failure says nothing about the service: it arose on this side of the connection. */
  readonly isOurs: boolean;
  /** With `url_not_allowed`: how the URL can be allowed for a workspace; undefined if that is impossible. */
  readonly remedy: string | undefined;
  /** The same for calls that belong to no workspace: only the operator can allow the URL. */
  readonly operatorRemedy: string | undefined;

  constructor(
    readonly code: EgressErrorCode,
    options: {
      cause?: unknown;
      sent?: boolean;
      status?: number;
      origin?: string;
      remedy?: string;
      isOurs?: boolean;
    } = {},
  ) {
    super(messages[code], { cause: options.cause });
    this.sent = options.sent ?? false;
    this.status = options.status;
    this.isOurs = options.isOurs ?? errorChain(options.cause).some(isOwnFault);
    const origin = options.origin !== undefined && isSuggested(options.origin) ? options.origin : undefined;
    this.remedy = options.remedy ?? (origin === undefined ? undefined : remedyFor(origin));
    this.operatorRemedy =
      origin === undefined
        ? undefined
        : `The operator of this service can allow it: add ${origin} to ERRAND_EGRESS_ALLOW and restart.`;
  }
}

/**
 * The problem of an address that may not be called. Its remedy names the origin that can be allowed, if that is safe.
 * @param pointer the place of the address in the input
 */
export function urlNotAllowed(cause: unknown, pointer?: string, detail = ONLY_PUBLIC): ProblemError {
  const errors = pointer === undefined ? undefined : [{ pointer, message: 'This URL may not be called.' }];
  return problem('url_not_allowed', detail, { cause, errors, remedy: findEgressError(cause)?.remedy });
}

const ONLY_PUBLIC =
  'Only public https addresses may be called, or origins that an administrator of the workspace or the operator allows.';
const MAX_ORIGIN = 300;
/** Metadata services of clouds, which return secrets of the machine: they are never suggested. */
const metadataHost =
  /^(?:169\.254\.\d+\.\d+|168\.63\.129\.16|100\.100\.100\.200|192\.0\.0\.192|\[(?:fd00:ec2|fd00:c1|fd00:42|fd20:ce|fe80|::ffff:a9fe):.*\]|metadata\..*)$/;

/** Whether the host of a URL is a metadata service of a cloud, judging by its text. */
export const isMetadataHost = (hostname: string): boolean => metadataHost.test(hostname);

const isSuggested = (origin: string): boolean =>
  origin.length <= MAX_ORIGIN && !isMetadataHost(new URL(origin).hostname);

function remedyFor(origin: string): string {
  const body = JSON.stringify({ origin });
  return `An administrator can allow it for the workspace: PUT /v1/workspace/origins with ${body}. Or the operator of this service adds ${origin} to ERRAND_EGRESS_ALLOW and restarts.`;
}

const ownFaults = new WeakSet<Error>();
/** Errors of the name service, the files and the ports of this machine. */
const OWN_CODES: ReadonlySet<unknown> = new Set(['EAI_AGAIN', 'EMFILE', 'ENFILE', 'EADDRNOTAVAIL']);
/** A proxy answers with 502, 503 or 504 if it cannot reach the service. */
const REFUSED_BY_PROXY = /^Proxy response \((?!50[234]\))\d+\)/;

/** Marks an error that says nothing about the service. */
export function markOwnFault(error: Error): Error {
  ownFaults.add(error);
  return error;
}

const isOwnFault = (error: Error): boolean =>
  ownFaults.has(error) ||
  OWN_CODES.has((error as { code?: unknown }).code) ||
  REFUSED_BY_PROXY.test(error.message) ||
  (error instanceof EgressError && error.isOurs);

export function errorChain(error: unknown): Error[] {
  const chain: Error[] = [];
  for (let at = error; at instanceof Error && chain.length < 8; at = at.cause) chain.push(at);
  return chain;
}

/** The EgressError among an error and its causes: HTTP clients wrap the errors of a connector. */
export const findEgressError = (error: unknown): EgressError | undefined =>
  errorChain(error).find((cause) => cause instanceof EgressError);

/** A refusal because of a resolved address names the requested origin, and no address. */
export function withRequestedOrigin({ origin }: URL, error: unknown): unknown {
  const refusal = findEgressError(error);
  if (refusal?.code !== 'url_not_allowed' || refusal.remedy !== undefined) return error;
  return new EgressError('url_not_allowed', { cause: refusal.cause, origin });
}
