import { createAnthropic } from '@ai-sdk/anthropic';
import { createGoogleGenerativeAI } from '@ai-sdk/google';
import { createOpenAI } from '@ai-sdk/openai';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import type { JsonSchema } from '@errand/contracts';
import { wrapLanguageModel } from 'ai';
import type { ModelProvider, ModelSettings } from './options.ts';

type WrappedModel = ReturnType<typeof wrapLanguageModel>;

/** How an answer is asked for: held to a schema, as some JSON, or as it comes. */
export type AnswerFormat = 'schema' | 'json' | 'text';

/**
 * What each provider can do for plans, whose arguments are open: the strict schemas of OpenAI, Anthropic and Google allow no open object. Many compatible
 * endpoints hold a model to any schema.
 */
export const firstFormat: Record<ModelProvider, AnswerFormat> = {
  openai: 'json',
  anthropic: 'text',
  google: 'json',
  'openai-compatible': 'schema',
};

/** Builds the SDK's model. Key and base URL are always set, so that the SDK reads neither from the environment. */
export function languageModel(settings: ModelSettings): (format: AnswerFormat, schema?: JsonSchema) => WrappedModel {
  const model = baseModel(settings);
  return (format, schema) =>
    wrapLanguageModel({
      model,
      middleware: {
        specificationVersion: 'v3',
        transformParams: async ({ params }) => ({ ...params, ...formatOf(format, schema) }),
        // The SDK prints warnings to the console, which would disturb the log.
        wrapGenerate: async ({ doGenerate }) => ({ ...(await doGenerate()), warnings: [] }),
      },
    });
}

const formatOf = (format: AnswerFormat, schema: JsonSchema | undefined) =>
  format === 'text'
    ? {}
    : { responseFormat: { type: 'json' as const, ...(format === 'schema' && schema && { name: 'answer', schema }) } };

function baseModel({ provider, model, apiKey, baseUrl, fetch }: ModelSettings) {
  const key = apiKey?.reveal() ?? '';
  switch (provider) {
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
        fetch,
      }).chatModel(model);
  }
}
