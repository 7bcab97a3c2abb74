import type { TokenUsage } from './token-usage.ts';

/**
 * The model gave no usable answer. There is no `cause`: errors of the SDK contain the whole prompt and the headers of the endpoint,
 * which must not be logged.
 */
export class ModelFailure extends Error {
  override name = 'ModelFailure';
  readonly code = 'model_failed';
  /** Whether a later attempt may succeed. */
  readonly retryable: boolean;
  /** The tokens that were spent before it failed. */
  usage: TokenUsage = { inputTokens: 0, outputTokens: 0 };

  constructor(message: string, options: { retryable: boolean }) {
    super(message);
    this.retryable = options.retryable;
  }
}
