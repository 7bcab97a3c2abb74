/** What models cost, in units of a currency such as `USD`. */
export type ModelCost = { amount: number; currency: string };

/** What a model was asked and answered, in tokens; zero for planners without a model. */
export type TokenUsage = {
  inputTokens: number;
  outputTokens: number;
  /** Those of the input tokens that the endpoint had in its cache. */
  cachedInputTokens?: number;
  /** What the tokens cost; null when a price is not known. Absent for no tokens at all; for others it means that the price is not known. */
  cost?: ModelCost | null;
};

/** Adds what one answer used to what was used before. */
export function addUsage(total: TokenUsage, more: TokenUsage): void {
  const cost = sumOf(costOf(total), costOf(more));
  total.inputTokens += more.inputTokens;
  total.outputTokens += more.outputTokens;
  if (more.cachedInputTokens) total.cachedInputTokens = (total.cachedInputTokens ?? 0) + more.cachedInputTokens;
  if (cost !== undefined) total.cost = cost;
}

/** What tokens cost: null when that is not known, undefined when there were none. */
const costOf = ({ inputTokens, outputTokens, cost }: TokenUsage): ModelCost | null | undefined =>
  cost === undefined && inputTokens + outputTokens > 0 ? null : cost;

function sumOf(a: ModelCost | null | undefined, b: ModelCost | null | undefined): ModelCost | null | undefined {
  if (a === undefined || b === undefined) return a === undefined ? b : a;
  // No exchange rate is known.
  if (a === null || b === null || a.currency !== b.currency) return null;
  return { amount: a.amount + b.amount, currency: a.currency };
}
