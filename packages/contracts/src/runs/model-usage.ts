// The tokens and cost of models, and the error of a model.
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
export function addUsage(total: TokenUsage, added: TokenUsage): void {
  const cost = addCosts(knownCost(total), knownCost(added));
  total.inputTokens += added.inputTokens;
  total.outputTokens += added.outputTokens;
  if (added.cachedInputTokens) total.cachedInputTokens = (total.cachedInputTokens ?? 0) + added.cachedInputTokens;
  if (cost !== undefined) total.cost = cost;
}

/** The cost of tokens: null if unknown, undefined without tokens. */
const knownCost = ({ inputTokens, outputTokens, cost }: TokenUsage): ModelCost | null | undefined =>
  cost === undefined && inputTokens + outputTokens > 0 ? null : cost;

function addCosts(
  left: ModelCost | null | undefined,
  right: ModelCost | null | undefined,
): ModelCost | null | undefined {
  if (left === undefined || right === undefined) return left === undefined ? right : left;
  // No exchange rate is known.
  if (left === null || right === null || left.currency !== right.currency) return null;
  return { amount: left.amount + right.amount, currency: left.currency };
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
