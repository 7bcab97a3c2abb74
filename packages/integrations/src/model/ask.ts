import { orAborted } from '@errand/basics/or-aborted';
import { addUsage, type TokenUsage } from '@errand/contracts';
import { type AskModel, type ModelAnswer, ModelFailure, type ModelPrompt } from '@errand/planner';
import { generateText, type LanguageModelUsage } from 'ai';
import { failedCall, toModelFailure } from './failure.ts';
import { type ModelSettings, madeByOf } from './options.ts';
import { costOf } from './price.ts';
import { messagesFor, providerOptionsFor } from './prompt.ts';
import { type AnswerFormat, firstFormat, languageModel } from './provider.ts';
import { withRetries } from './retry.ts';

/** No sensible answer is longer. */
const MAX_ANSWER_CHARS = 1_000_000;

/** What an endpoint is asked for beside the prompt, until it turns out that it does not take it. */
type Asked = { format: AnswerFormat; temperature: boolean };

/** Speaks to the model's endpoint. What the endpoint refuses of the request's extras is left out from then on. */
export function createAsk(settings: ModelSettings): AskModel {
  const { provider, maxOutputTokens, timeoutMs } = settings;
  const model = languageModel(settings);
  const madeBy = madeByOf(settings);
  let asked: Asked = { format: firstFormat[provider], temperature: true };

  const call = async (prompt: ModelPrompt, usage: TokenUsage, { format, temperature }: Asked): Promise<ModelAnswer> => {
    const limit = AbortSignal.timeout(timeoutMs);
    const endsAt = Date.now() + timeoutMs;
    const signal = AbortSignal.any([prompt.signal, limit]);
    const generate = () =>
      generateText({
        model: model(format, prompt.schema),
        system: prompt.system,
        messages: messagesFor(provider, prompt.messages),
        ...(temperature && { temperature: 0 }),
        maxOutputTokens,
        maxRetries: 0,
        abortSignal: signal,
        experimental_include: { requestBody: false, responseBody: false },
        providerOptions: providerOptionsFor(prompt),
      });
    try {
      const answer = await orAborted(withRetries(generate, signal, endsAt), signal);
      addUsage(usage, usageOf(answer.usage, prompt, answer.text));
      return { text: answer.text.slice(0, MAX_ANSWER_CHARS), finish: answer.finishReason, madeBy };
    } catch (error) {
      if (prompt.signal.aborted) throw new ModelFailure('Asking the model was aborted.', { retryable: true });
      if (limit.aborted)
        throw new ModelFailure(`The model did not answer within ${timeoutMs} ms.`, { retryable: true });
      throw error;
    }
  };

  function usageOf(counted: LanguageModelUsage, { system, messages }: ModelPrompt, text: string): TokenUsage {
    const { cacheReadTokens = 0, cacheWriteTokens = 0 } = counted.inputTokenDetails;
    const inputTokens = tokens(counted.inputTokens, JSON.stringify([system, messages]));
    const outputTokens = tokens(counted.outputTokens, text);
    const of = { inputTokens, cachedInputTokens: cacheReadTokens, writtenTokens: cacheWriteTokens, outputTokens };
    const cost = settings.price ? costOf(of, settings.price) : null;
    return { inputTokens, cachedInputTokens: Math.min(cacheReadTokens, inputTokens), outputTokens, cost };
  }

  return async (prompt, usage) => {
    for (;;) {
      const now = asked;
      try {
        return await call(prompt, usage, now);
      } catch (error) {
        if (error instanceof ModelFailure) throw error;
        const less = withoutRefused(error, now);
        if (!less) throw toModelFailure(error, settings);
        asked = less;
      }
    }
  };
}

/** Budgets count on a number: where the endpoint gives none, a token is taken to be four characters. */
const tokens = (counted: number | undefined, text: string): number =>
  counted !== undefined && counted >= 0 ? Math.ceil(counted) : Math.ceil(text.length / 4);

/** Many endpoints do not know `response_format`, or take no temperature, and say so. @returns undefined when the error is another one */
function withoutRefused(error: unknown, asked: Asked): Asked | undefined {
  const call = failedCall(error);
  if (!call?.statusCode || call.statusCode < 400 || [401, 403, 429].includes(call.statusCode)) return undefined;
  const said = `${call.message} ${call.responseBody ?? ''}`;
  if (asked.temperature && /temperature/i.test(said)) return { ...asked, temperature: false };
  const isFormat = /response_?format|json[ _-]?(object|mode|schema)|grammar|response_?mime_?type/i.test(said);
  if (asked.format === 'text' || !isFormat) return undefined;
  return { ...asked, format: asked.format === 'schema' ? 'json' : 'text' };
}
