import { orAborted } from '@errand/basics/or-aborted';
import type { TokenUsage } from '@errand/contracts';
import { type AskModel, type ModelAnswer, ModelFailure, type ModelPrompt } from '@errand/planner';
import { generateText } from 'ai';
import { failedCall, toModelFailure } from './failure.ts';
import type { ModelSettings } from './options.ts';
import { languageModels } from './provider.ts';
import { withRetries } from './retry.ts';

/** No sensible answer is longer. */
const MAX_ANSWER_CHARS = 1_000_000;

/**
 * Speaks to the model's endpoint. Falls back to plain text for good where the endpoint turns out to have no JSON mode.
 */
export function createAsk(settings: ModelSettings): AskModel {
  const models = languageModels(settings);
  let jsonMode = models.json !== undefined;

  const call = async (prompt: ModelPrompt, usage: TokenUsage, json: boolean): Promise<ModelAnswer> => {
    const limit = AbortSignal.timeout(settings.timeoutMs);
    const endsAt = Date.now() + settings.timeoutMs;
    const signal = AbortSignal.any([prompt.signal, limit]);
    const generate = () =>
      generateText({
        model: (json && models.json) || models.plain,
        system: prompt.system,
        messages: prompt.messages,
        maxOutputTokens: settings.maxOutputTokens,
        maxRetries: 0,
        abortSignal: signal,
        experimental_include: { requestBody: false, responseBody: false },
        // OpenAI stores responses unless `store` is false.
        providerOptions: { openai: { store: false } },
      });
    try {
      const answer = await orAborted(withRetries(generate, signal, endsAt), signal);
      usage.inputTokens += tokens(answer.usage.inputTokens, JSON.stringify([prompt.system, prompt.messages]));
      usage.outputTokens += tokens(answer.usage.outputTokens, answer.text);
      return { text: answer.text.slice(0, MAX_ANSWER_CHARS), finish: answer.finishReason };
    } catch (error) {
      if (prompt.signal.aborted) throw new ModelFailure('Asking the model was aborted.', { retryable: true });
      if (limit.aborted)
        throw new ModelFailure(`The model did not answer within ${settings.timeoutMs} ms.`, { retryable: true });
      throw error;
    }
  };

  return async (prompt, usage) => {
    try {
      return await call(prompt, usage, jsonMode).catch((error: unknown) => {
        if (!jsonMode || !refusesJsonMode(error)) throw error;
        jsonMode = false;
        return call(prompt, usage, false);
      });
    } catch (error) {
      throw error instanceof ModelFailure ? error : toModelFailure(error, settings);
    }
  };
}

/** Budgets count on a number: where the endpoint gives none, a token is taken to be four characters. */
const tokens = (counted: number | undefined, text: string): number =>
  counted !== undefined && counted >= 0 ? Math.ceil(counted) : Math.ceil(text.length / 4);

/** Many compatible endpoints do not know `response_format` and say so. */
function refusesJsonMode(error: unknown): boolean {
  const call = failedCall(error);
  if (!call?.statusCode || call.statusCode < 400 || [401, 403, 429].includes(call.statusCode)) return false;
  return /response_?format|json_object|json[ _-]?mode|response_?mime_?type/i.test(
    `${call.message} ${call.responseBody ?? ''}`,
  );
}
