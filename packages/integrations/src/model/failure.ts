import type { Secret } from '@errand/contracts';
import { cleanText, cut, ModelFailure } from '@errand/planner';
import { APICallError } from 'ai';
import { type EgressErrorCode, findEgressError } from '../egress/error.ts';

/** The call that the endpoint answered with an error, or whose answer could not be read. */
export const failedCall = (error: unknown): APICallError | undefined =>
  APICallError.isInstance(error) ? error : undefined;

const ofEgress: Record<EgressErrorCode, { message: string; retryable: boolean }> = {
  url_not_allowed: {
    message: 'The base URL of the model endpoint may not be called; an operator must allow its origin.',
    retryable: false,
  },
  request_not_allowed: { message: 'A header for the model endpoint may not be sent.', retryable: false },
  upstream_error: { message: 'The model endpoint asks for too many requests.', retryable: false },
  upstream_redirect: {
    message: 'The model endpoint redirects; set the base URL to where it stands.',
    retryable: false,
  },
  upstream_too_large: { message: 'The answer of the model endpoint is too large.', retryable: false },
  upstream_timeout: { message: 'The model endpoint did not answer in time.', retryable: true },
  upstream_unreachable: { message: 'The model endpoint could not be reached.', retryable: true },
  canceled: { message: 'Asking the model was aborted.', retryable: true },
};

/** Turns what the SDK threw into a failure that tells an operator what to do, without the key and without the prompt. */
export function toModelFailure(error: unknown, endpoint: { model: string; apiKey?: Secret | undefined }): ModelFailure {
  const egress = findEgressError(error);
  if (egress) return new ModelFailure(ofEgress[egress.code].message, ofEgress[egress.code]);
  const call = failedCall(error);
  const status = call?.statusCode;
  const said = call?.message ? `: ${cut(cleanText(withoutKey(call.message, endpoint.apiKey)), 300)}` : '.';
  const model = JSON.stringify(endpoint.model);
  if (!call || status === undefined) {
    if (!call && !isNetworkError(error))
      return new ModelFailure('The answer of the model endpoint could not be read.', { retryable: true });
    return new ModelFailure('The model endpoint could not be reached.', { retryable: true });
  }
  if (status < 300)
    return new ModelFailure('The model endpoint answered in another format than its provider setting says.', {
      retryable: true,
    });
  if (status < 400) return new ModelFailure(ofEgress.upstream_redirect.message, ofEgress.upstream_redirect);
  // What an endpoint says about a key often repeats a part of it.
  if (status === 401 || status === 403)
    return new ModelFailure(
      `The model endpoint refused the API key (${status}); check the key and that it may use ${model}.`,
      { retryable: false },
    );
  if (status === 404)
    return new ModelFailure(`The model endpoint knows no model ${model} at the base URL (404)${said}`, {
      retryable: false,
    });
  if (status === 429)
    return new ModelFailure(`The model endpoint's rate limit or quota is used up (429)${said}`, { retryable: true });
  if (status >= 500 || status === 408 || status === 409)
    return new ModelFailure(`The model endpoint failed (${status})${said}`, { retryable: true });
  return new ModelFailure(`The model endpoint refused the request (${status})${said}`, { retryable: false });
}

/** Whether the request did not reach the endpoint, or its answer not us; the system's errors have a code. */
export function isNetworkError(error: unknown): boolean {
  const egress = findEgressError(error);
  if (egress) return ofEgress[egress.code].retryable;
  return error instanceof Error && ('code' in error || (error.cause instanceof Error && 'code' in error.cause));
}

/** Endpoints echo keys in their errors, as sent or encoded. */
function withoutKey(text: string, apiKey: Secret | undefined): string {
  const key = apiKey?.reveal();
  if (!key) return text;
  const forms = [key, encodeURIComponent(key), JSON.stringify(key).slice(1, -1), Buffer.from(key).toString('base64')];
  return forms.reduce((clean, form) => clean.replaceAll(form, '[secret]'), text);
}
