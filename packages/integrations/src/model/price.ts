import type { ModelCost } from '@errand/contracts';

/** What a million tokens of a model cost. */
export type ModelPrice = {
  input: number;
  output: number;
  /** Input that the endpoint has in its cache, and input that it puts there; both as `input` by default. */
  cachedInput?: number;
  cacheWrite?: number;
  currency: string;
};

export type CountedTokens = {
  inputTokens: number;
  cachedInputTokens: number;
  writtenTokens: number;
  outputTokens: number;
};

/** What an answer costs. The cached and the written tokens are among the input tokens. */
export function costOf(tokens: CountedTokens, price: ModelPrice): ModelCost {
  const { input, output, cachedInput = input, cacheWrite = input, currency } = price;
  const cached = Math.min(tokens.cachedInputTokens, tokens.inputTokens);
  const written = Math.min(tokens.writtenTokens, tokens.inputTokens - cached);
  const plain = tokens.inputTokens - cached - written;
  const amount = plain * input + cached * cachedInput + written * cacheWrite + tokens.outputTokens * output;
  return { amount: amount / 1e6, currency };
}
