import { createAnthropic } from '@ai-sdk/anthropic';
import { createGoogleGenerativeAI } from '@ai-sdk/google';
import { createOpenAI } from '@ai-sdk/openai';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { wrapLanguageModel } from 'ai';
import type { ModelSettings } from './options.ts';

type WrappedModel = ReturnType<typeof wrapLanguageModel>;

/** A model, and the same model in JSON mode where its endpoint has one. */
export type Models = { plain: WrappedModel; json?: WrappedModel };

/** Builds the SDK's model. Key and base URL are always set, so that the SDK reads neither from the environment. */
export function languageModels(settings: ModelSettings): Models {
  const base = baseModel(settings);
  // The SDK prints warnings to the console, which would disturb the log.
  const quiet = wrapLanguageModel({
    model: base,
    middleware: {
      specificationVersion: 'v3',
      wrapGenerate: async ({ doGenerate }) => ({ ...(await doGenerate()), warnings: [] }),
    },
  });
  // Anthropic has no JSON mode without a schema, and plans, which are recursive, have none that it takes.
  if (settings.provider === 'anthropic') return { plain: quiet };
  const json = wrapLanguageModel({
    model: quiet,
    middleware: {
      specificationVersion: 'v3',
      transformParams: async ({ params }) => ({ ...params, responseFormat: { type: 'json' } }),
    },
  });
  return { plain: quiet, json };
}

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
        fetch,
      }).chatModel(model);
  }
}
