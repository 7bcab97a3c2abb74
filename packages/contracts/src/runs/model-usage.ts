/** The cost of models, in units of a currency such as `USD`. */
export type ModelCost = { amount: number; currency: string };

/** The tokens that a model read and wrote; zero for planners without a model. */
export type TokenUsage = {
  inputTokens: number;
  outputTokens: number;
  /** The input tokens that the endpoint read from its cache. */
  cachedInputTokens?: number;
  /** The cost of the tokens; null if a price is unknown. Absent: there are no tokens, or the price is unknown. */
  cost?: ModelCost | null;
};

/** Adds the usage of an answer to a total. */
export function addUsage(total: TokenUsage, more: TokenUsage): void {
  const cost = sumOf(costOf(total), costOf(more));
  total.inputTokens += more.inputTokens;
  total.outputTokens += more.outputTokens;
  if (more.cachedInputTokens) total.cachedInputTokens = (total.cachedInputTokens ?? 0) + more.cachedInputTokens;
  if (cost !== undefined) total.cost = cost;
}

/** The cost of tokens: null if unknown, undefined without tokens. */
const costOf = ({ inputTokens, outputTokens, cost }: TokenUsage): ModelCost | null | undefined =>
  cost === undefined && inputTokens + outputTokens > 0 ? null : cost;

function sumOf(a: ModelCost | null | undefined, b: ModelCost | null | undefined): ModelCost | null | undefined {
  if (a === undefined || b === undefined) return a === undefined ? b : a;
  // No exchange rate is known.
  if (a === null || b === null || a.currency !== b.currency) return null;
  return { amount: a.amount + b.amount, currency: a.currency };
}

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
