import type { ModelCost } from '@errand/contracts';

export type ModelPrice = {
  input: number;
  output: number;
  /** Input that the endpoint reads from its cache and writes to it; by default as `input`. */
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

/** The cost of an answer. Its input tokens include the cached and the written tokens. */
export function costOf(tokens: CountedTokens, price: ModelPrice): ModelCost {
  const { input, output, cachedInput = input, cacheWrite = input, currency } = price;
  const cached = Math.min(tokens.cachedInputTokens, tokens.inputTokens);
  const written = Math.min(tokens.writtenTokens, tokens.inputTokens - cached);
  const plain = tokens.inputTokens - cached - written;
  const amount = plain * input + cached * cachedInput + written * cacheWrite + tokens.outputTokens * output;
  return { amount: amount / 1e6, currency };
}
