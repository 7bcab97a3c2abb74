import type { Secret, TokenUsage } from '@errand/contracts';
import { APICallError, RetryError } from 'ai';
import { cleanText, cut } from './untrusted.ts';

/**
 * The model gave no usable answer. Keeps no cause: the SDK's errors carry the whole prompt and the endpoint's headers,
 * which belong in no log.
 */
export class ModelFailure extends Error {
  override name = 'ModelFailure';
  readonly code = 'model_failed';
  /** Whether asking again later may help. */
  readonly retryable: boolean;
  /** All that was spent before it failed. */
  usage: TokenUsage = { inputTokens: 0, outputTokens: 0 };

  constructor(message: string, options: { retryable: boolean }) {
    super(message);
    this.retryable = options.retryable;
  }
}

/** The status that the endpoint answered with, if it answered. */
export function failedCall(error: unknown): APICallError | undefined {
  const last = RetryError.isInstance(error) ? error.lastError : error;
  return APICallError.isInstance(last) ? last : undefined;
}

/** Turns what the SDK threw into a failure that tells an operator what to do, without the key and without the prompt. */
export function toModelFailure(error: unknown, endpoint: { model: string; apiKey?: Secret | undefined }): ModelFailure {
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
  if (status < 400)
    return new ModelFailure(`The model endpoint redirects (${status}); set the base URL to where it stands.`, {
      retryable: false,
    });
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

/** Whether the request did not reach the endpoint, or its answer not us: system errors and the egress' own have a code. */
export function isNetworkError(error: unknown): boolean {
  return error instanceof Error && ('code' in error || (error.cause instanceof Error && 'code' in error.cause));
}

/** Endpoints echo keys in their errors, as sent or encoded. */
function withoutKey(text: string, apiKey: Secret | undefined): string {
  const key = apiKey?.reveal();
  if (!key) return text;
  const forms = [key, encodeURIComponent(key), JSON.stringify(key).slice(1, -1), Buffer.from(key).toString('base64')];
  return forms.reduce((clean, form) => clean.replaceAll(form, '[secret]'), text);
}
