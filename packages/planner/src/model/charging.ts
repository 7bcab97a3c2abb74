import { addUsage, ModelFailure, type PlanRequest, type TokenUsage } from '@errand/contracts';
import type { AskModel } from '@errand/ports/model';

/** Charges what each answer cost as soon as it is there; once nothing more may be spent, the model is not asked again. */
export function charging(ask: AskModel, spend: PlanRequest['spend']): AskModel {
  if (!spend) return ask;
  let over: string | undefined;
  return async (prompt, usage) => {
    if (over !== undefined) throw new ModelFailure(over, { retryable: false });
    const own: TokenUsage = { inputTokens: 0, outputTokens: 0 };
    try {
      return await ask(prompt, own);
    } finally {
      addUsage(usage, own);
      over = spend(own);
    }
  };
}
