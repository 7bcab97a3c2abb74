import { addUsage, ModelFailure, type PlanRequest, type TokenUsage } from '@errand/contracts';
import type { AskModel } from '@errand/ports/model';

/** Charges the cost of each answer as soon as it arrives. Once the budget is spent, the model is not called again. */
export function charging(ask: AskModel, spend: PlanRequest['spend']): AskModel {
  if (!spend) return ask;
  let limitText: string | undefined;
  return async (prompt, usage) => {
    if (limitText !== undefined) throw new ModelFailure(limitText, { retryable: false });
    const cost: TokenUsage = { inputTokens: 0, outputTokens: 0 };
    try {
      return await ask(prompt, cost);
    } finally {
      addUsage(usage, cost);
      limitText = spend(cost);
    }
  };
}
