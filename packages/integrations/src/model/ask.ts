import { setTimeout as sleep } from 'node:timers/promises';
import { orAborted } from '@errand/basics/or-aborted';
import { timeLimit } from '@errand/basics/time-limit';
import { addUsage, type ModelCost, ModelFailure, type TokenUsage } from '@errand/contracts';
import type { AskModel, ModelPrompt } from '@errand/ports/model';
import { generateText, type LanguageModelUsage } from 'ai';
import type { Progress } from './collect.ts';
import { answerWithoutKey, failedCall, isNetworkError, toModelFailure } from './failure.ts';
import { type ModelPrice, type ModelSettings, madeByOf } from './options.ts';
import { conversationFor, languageModel, providerOptionsFor } from './provider.ts';
import { Replies } from './replies.ts';
import { firstForm, formAfterRefusal, type RequestForm } from './request-form.ts';

const MAX_FORMS = 9;
const MEBIBYTE = 1024 * 1024;

/** Asks the model at an endpoint, and remembers the request form that the endpoint accepts. */
export function createAsk(settings: ModelSettings): AskModel {
  const { timeoutMs } = settings;
  const request = createRequest(settings);
  let lastForm = firstForm(settings);

  const askWithForms: AskModel = async (prompt, usage) => {
    const deadline = { signal: prompt.signal, endsAt: Date.now() + timeoutMs };
    let form = lastForm;
    for (let formCount = 1; ; formCount++) {
      const answer = await request({ prompt, usage, form }, deadline).catch((error) => {
        prompt.signal.throwIfAborted();
        form = formAfter(error, formCount < MAX_FORMS ? form : undefined, settings);
      });
      if (!answer) continue;
      if (!form.isForOnePrompt) lastForm = form;
      const { text, finishReason: finish } = answer;
      const cutAt = finish === 'length' ? form.maxOutputTokens : undefined;
      return { text: answerWithoutKey(text, settings.apiKey), finish, madeBy: madeByOf(settings), cutAt };
    }
  };

  return async (prompt, usage) => {
    const timeout = timeLimit(timeoutMs);
    try {
      return await askWithForms({ ...prompt, signal: AbortSignal.any([prompt.signal, timeout]) }, usage);
    } catch (error) {
      if (prompt.signal.aborted) throw new ModelFailure('Asking the model was aborted.', { retryable: true });
      throw timeout.aborted ? timedOut(timeoutMs) : error;
    }
  };
}

const timedOut = (timeoutMs: number) =>
  new ModelFailure(`The model did not answer within ${timeoutMs} ms.`, { retryable: true });

/** The form to try after a failure. @throws ModelFailure if there is none */
function formAfter(error: unknown, form: RequestForm | undefined, settings: ModelSettings): RequestForm {
  const next = form && nextForm(error, form, settings);
  if (next) return next;
  throw toModelFailure(error, settings);
}

type ModelRequest = { prompt: ModelPrompt; usage: TokenUsage; form: RequestForm };
type Deadline = { signal: AbortSignal; endsAt: number };

/** Sends a request in one form, and repeats it after temporary failures. Incomplete answers count towards `usage` as well. */
function createRequest(settings: ModelSettings) {
  const { timeoutMs, maxOutputTokens, provider } = settings;
  // Later than the timeout of the question, which is the one to report.
  const connectionMs = timeoutMs + 5000;
  // A streamed token needs up to about 300 bytes.
  const maxBytes = 16 * MEBIBYTE + maxOutputTokens * 1024;
  const send = settings.fetchFor({ tenant: 'model', totalMs: connectionMs, idleMs: connectionMs, maxBytes });
  // JSON that matches no schema costs the SDK much more than its parsing: seconds for 4 MiB.
  const maxEventBytes = Math.min(4 * MEBIBYTE, MEBIBYTE / 4 + maxOutputTokens * 32);
  const bounds = { maxEventBytes, maxEvents: 100_000 + 4 * maxOutputTokens };

  return async ({ prompt, usage, form }: ModelRequest, { signal, endsAt }: Deadline) => {
    let progress: Progress = { chars: 0 };
    const addIncompleteUsage = () => {
      if (progress.chars > 0) addUsage(usage, usageOf(settings, prompt, undefined, progress.chars));
      progress = { chars: 0 };
    };
    const generate = async () => {
      const connection = new AbortController();
      const replies = new Replies(send, bounds, form);
      try {
        const answer = await generateText({
          model: languageModel(settings, { form, schema: prompt.schema, replies, progress }),
          ...conversationFor(provider, prompt, form.system),
          temperature: form.temperature ? 0 : undefined,
          maxOutputTokens: form.maxOutputTokens,
          maxRetries: 0,
          abortSignal: AbortSignal.any([signal, connection.signal]),
          experimental_include: { requestBody: false, responseBody: false },
          providerOptions: providerOptionsFor(prompt),
        });
        addUsage(usage, usageOf(settings, prompt, answer.usage, Math.max(progress.chars, answer.text.length)));
        progress = { chars: 0 };
        return answer;
      } catch (error) {
        addIncompleteUsage();
        // The SDK splits some streams, and canceling one branch does not close the connection.
        connection.abort();
        throw error;
      }
    };
    const isRefused = (error: unknown) => nextForm(error, form, settings) !== undefined;
    try {
      return await orAborted(withRetries(generate, { signal, endsAt, isFinal: isRefused }), signal);
    } catch (error) {
      addIncompleteUsage();
      throw error;
    }
  };
}

function nextForm(error: unknown, form: RequestForm, settings: ModelSettings): RequestForm | undefined {
  const call = failedCall(error);
  return call && formAfterRefusal(call, form, settings);
}

function usageOf(
  { price }: Pick<ModelSettings, 'price'>,
  { system, messages }: ModelPrompt,
  counted: LanguageModelUsage | undefined,
  answerChars: number,
): TokenUsage {
  const { cacheReadTokens, cacheWriteTokens } = counted?.inputTokenDetails ?? {};
  const inputTokens = toCount(counted?.inputTokens) ?? estimate(JSON.stringify([system, messages]).length);
  const outputTokens = toCount(counted?.outputTokens) ?? estimate(answerChars);
  const cachedInputTokens = Math.min(toCount(cacheReadTokens) ?? 0, inputTokens);
  const writtenTokens = Math.min(toCount(cacheWriteTokens) ?? 0, inputTokens - cachedInputTokens);
  const tokens = { inputTokens, cachedInputTokens, outputTokens };
  return { ...tokens, cost: price ? costOf({ ...tokens, writtenTokens }, price) : null };
}

type CountedTokens = Record<'inputTokens' | 'cachedInputTokens' | 'writtenTokens' | 'outputTokens', number>;

/** The cost of an answer. Its input tokens include the cached and the written tokens. */
function costOf(tokens: CountedTokens, price: ModelPrice): ModelCost {
  const { inputTokens, cachedInputTokens: cached, writtenTokens: cacheWritten, outputTokens } = tokens;
  const { input, output, cachedInput = input, cacheWrite = input, currency } = price;
  const uncached = inputTokens - cached - cacheWritten;
  const amount = uncached * input + cached * cachedInput + cacheWritten * cacheWrite + outputTokens * output;
  return { amount: amount / 1e6, currency };
}

/** No model reads or writes more at once. The sums of a run fit into its columns of 32 bits. */
const MAX_TOKENS = 20_000_000;

/** A count of tokens from an endpoint; undefined if it cannot be one. */
const toCount = (tokens: number | undefined): number | undefined =>
  tokens !== undefined && tokens >= 0 ? Math.min(Math.ceil(tokens), MAX_TOKENS) : undefined;

/** Budgets need a number: without one from the endpoint, four characters count as a token. */
const estimate = (chars: number): number => Math.ceil(chars / 4);

const PAUSES_MS = [300, 1500];

type Limits = {
  signal: AbortSignal;
  /** Deadline of all attempts, in ms since the epoch. */
  endsAt: number;
  isFinal: (error: unknown) => boolean;
};

/**
 * Repeats a call up to twice after temporary failures. Waits as long as the endpoint requests (`retry-after-ms`, `retry-after`), but fails
 * at once if `endsAt` is sooner.
 */
async function withRetries<T>(call: () => Promise<T>, { signal, endsAt, isFinal }: Limits): Promise<T> {
  for (const pause of PAUSES_MS) {
    try {
      return await call();
    } catch (error) {
      if (signal.aborted || !isTemporary(error) || isFinal(error)) throw error;
      const ms = requestedPause(error) ?? pause * (0.75 + Math.random() / 2);
      if (Date.now() + ms >= endsAt) throw error;
      await sleep(ms, undefined, { signal });
    }
  }
  return call();
}

const isTemporary = (error: unknown): boolean => failedCall(error)?.isRetryable || isNetworkError(error);

function requestedPause(error: unknown): number | undefined {
  const headers = failedCall(error)?.responseHeaders ?? {};
  const inMs = Number(headers['retry-after-ms'] ?? Number.NaN);
  if (inMs >= 0) return inMs;
  const retryAfter = headers['retry-after'];
  if (!retryAfter) return undefined;
  const seconds = Number(retryAfter);
  const ms = Number.isNaN(seconds) ? Date.parse(retryAfter) - Date.now() : seconds * 1000;
  return ms >= 0 ? ms : undefined;
}
