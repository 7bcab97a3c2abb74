import { createAnthropic } from '@ai-sdk/anthropic';
import { createGoogleGenerativeAI } from '@ai-sdk/google';
import { createOpenAI } from '@ai-sdk/openai';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import type { JsonSchema } from '@errand/contracts';
import { wrapLanguageModel } from 'ai';
import { collect, inText, type Progress } from './collect.ts';
import type { ModelSettings } from './options.ts';
import type { Replies } from './replies.ts';
import type { RequestForm } from './request-form.ts';

type WrappedModel = ReturnType<typeof wrapLanguageModel>;
type Question = { form: RequestForm; schema?: JsonSchema | undefined; replies: Replies; progress: Progress };

/**
 * Builds the SDK's model for one request. It streams unless the form says otherwise, and reads the reply by its kind.
 * Key and base URL are always set, so that the SDK reads neither from the environment.
 */
export function languageModel(settings: ModelSettings, { form, schema, replies, progress }: Question): WrappedModel {
  return wrapLanguageModel({
    model: baseModel(settings, form, replies.fetch),
    middleware: {
      specificationVersion: 'v3',
      transformParams: async ({ params }) => ({ ...params, ...formatOf(form.format, schema) }),
      wrapGenerate: async ({ doGenerate, doStream }) => {
        const read = async () =>
          replies.expects === 'plain' ? doGenerate() : collect(await doStream(), progress, settings.idleMs);
        const answer = await read().catch((error) => {
          if (!replies.turn()) throw error;
          return read();
        });
        // The SDK prints warnings to the console, which would disturb the log.
        return inText({ ...answer, warnings: [] });
      },
    },
  });
}

const formatOf = (format: RequestForm['format'], schema: JsonSchema | undefined) =>
  format === 'text'
    ? {}
    : { responseFormat: { type: 'json' as const, ...(format === 'schema' && schema && { name: 'answer', schema }) } };

function baseModel(settings: ModelSettings, form: RequestForm, fetch: typeof globalThis.fetch) {
  const { provider, model, apiKey, baseUrl } = settings;
  const key = apiKey?.reveal() ?? '';
  switch (form.wire === 'chat' ? 'openai-compatible' : provider) {
    case 'openai':
      return createOpenAI({ apiKey: key, baseURL: baseUrl ?? 'https://api.openai.com/v1', fetch })(model);
    case 'anthropic':
      return createAnthropic({ apiKey: key, baseURL: baseUrl ?? 'https://api.anthropic.com/v1', fetch })(model);
    case 'google':
      return createGoogleGenerativeAI({
        apiKey: key,
        baseURL: baseUrl ?? 'https://generativelanguage.googleapis.com/v1beta',
        fetch,
      })(model);
    case 'openai-compatible':
      return createOpenAICompatible({
        name: 'compatible',
        ...(key && { apiKey: key }),
        baseURL: baseUrl ?? '',
        supportsStructuredOutputs: true,
        includeUsage: form.countsStream,
        transformRequestBody: ({ max_tokens, ...body }) => ({ ...body, [form.tokensField]: max_tokens }),
        fetch,
      }).chatModel(model);
  }
}
