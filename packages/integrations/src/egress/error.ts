export type EgressErrorCode =
  | 'url_not_allowed'
  | 'request_not_allowed'
  | 'upstream_error'
  | 'upstream_redirect'
  | 'upstream_too_large'
  | 'upstream_timeout'
  | 'upstream_unreachable'
  | 'canceled';

const texts: Record<EgressErrorCode, string> = {
  url_not_allowed: 'The URL may not be called.',
  request_not_allowed: 'A header of the request may not be sent.',
  upstream_error: 'The service made one call go on for too many requests, messages or reconnects.',
  upstream_redirect: 'The service answered with a redirect, which is not followed.',
  upstream_too_large: 'The answer of the service is too large.',
  upstream_timeout: 'The service did not answer in time.',
  upstream_unreachable: 'The service cannot be reached, or broke off its answer.',
  canceled: 'The call was canceled.',
};

/**
 * A call that did not end with an answer. Its message is fit for users and says nothing about our network:
 * a telling one would make a port scanner of us. What happened stands in `cause`, for logs.
 */
export class EgressError extends Error {
  override readonly name = 'EgressError';
  /** Whether a byte of the request may have reached the service. */
  readonly sent: boolean;
  /** Status of the answer, when one had begun. */
  readonly status: number | undefined;
  /** With `url_not_allowed`: a sentence that tells the operator how to allow the URL; undefined where that is impossible. */
  readonly advice: string | undefined;

  constructor(
    readonly code: EgressErrorCode,
    options: { cause?: unknown; sent?: boolean; status?: number; origin?: string } = {},
  ) {
    super(texts[code], { cause: options.cause });
    this.sent = options.sent ?? false;
    this.status = options.status;
    this.advice = options.origin === undefined ? undefined : adviceFor(options.origin);
  }
}

/** `text`, followed by the advice of a refusal if it has one. */
export const withAdvice = (text: string, error: unknown): string =>
  [text, findEgressError(error)?.advice].filter(Boolean).join(' ');

const MAX_ORIGIN = 300;
/** Metadata services of clouds, which answer with secrets of the machine: never suggested. */
const metadataHost =
  /^(?:169\.254\.\d+\.\d+|168\.63\.129\.16|100\.100\.100\.200|\[(?:fd00:ec2|fe80|::ffff:a9fe):.*\]|metadata\..*)$/;

function adviceFor(origin: string): string | undefined {
  if (origin.length > MAX_ORIGIN || metadataHost.test(new URL(origin).hostname)) return undefined;
  return `The operator of this service can allow it: add ${origin} to ERRAND_EGRESS_ALLOW and restart.`;
}

/** The EgressError in an error or in its causes: HTTP clients wrap what a connector throws. */
export function findEgressError(error: unknown): EgressError | undefined {
  for (let at = error, depth = 0; at instanceof Error && depth < 8; at = at.cause, depth++) {
    if (at instanceof EgressError) return at;
  }
  return undefined;
}
