import type { TokenUsage } from './token-usage.ts';

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
