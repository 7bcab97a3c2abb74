import { createAnthropic } from '@ai-sdk/anthropic';
import { createGoogleGenerativeAI } from '@ai-sdk/google';
import { createOpenAI } from '@ai-sdk/openai';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import type { JsonSchema } from '@errand/contracts';
import type { Message, ModelPrompt } from '@errand/ports/model';
import { type ModelMessage, type TextPart, wrapLanguageModel } from 'ai';
import { asTextAnswer, collect, type Progress } from './collect.ts';
import { endpointOf, type ModelProvider, type ModelSettings } from './options.ts';
import type { Replies } from './replies.ts';
import type { RequestForm } from './request-form.ts';

type WrappedModel = ReturnType<typeof wrapLanguageModel>;
type ModelCall = { form: RequestForm; schema?: JsonSchema | undefined; replies: Replies; progress: Progress };

/**
 * Builds the SDK's model for one request. It streams unless the form says otherwise, and reads the reply according to its kind. Key and
 * base URL are always set, so that the SDK does not read them from the environment.
 */
export function languageModel(settings: ModelSettings, { form, schema, replies, progress }: ModelCall): WrappedModel {
  return wrapLanguageModel({
    model: baseModel(settings, form, replies.fetch),
    middleware: {
      specificationVersion: 'v3',
      transformParams: async ({ params }) => ({ ...params, ...formatOf(form.format, schema) }),
      wrapGenerate: async ({ doGenerate, doStream }) => {
        const generate = async () =>
          replies.expects === 'plain' ? doGenerate() : collect(await doStream(), progress, settings.idleMs);
        const answer = await generate().catch((error) => {
          if (!replies.expectKept()) throw error;
          return generate();
        });
        // The SDK would print warnings to the console.
        return asTextAnswer({ ...answer, warnings: [] });
      },
    },
  });
}

const formatOf = (format: RequestForm['format'], schema: JsonSchema | undefined) =>
  format === 'text'
    ? {}
    : { responseFormat: { type: 'json' as const, ...(format === 'schema' && schema && { name: 'answer', schema }) } };

function baseModel(settings: ModelSettings, form: RequestForm, fetch: typeof globalThis.fetch) {
  const { provider, model, apiKey } = settings;
  const endpoint = endpointOf(settings);
  const key = apiKey?.reveal() ?? '';
  switch (form.wire === 'chat' ? 'openai-compatible' : provider) {
    case 'openai':
      return createOpenAI({ apiKey: key, baseURL: endpoint, fetch })(model);
    case 'anthropic':
      return createAnthropic({ apiKey: key, baseURL: endpoint, fetch })(model);
    case 'google':
      return createGoogleGenerativeAI({ apiKey: key, baseURL: endpoint, fetch })(model);
    case 'openai-compatible':
      return createOpenAICompatible({
        name: 'compatible',
        ...(key && { apiKey: key }),
        baseURL: endpoint,
        supportsStructuredOutputs: true,
        includeUsage: form.countsStream,
        transformRequestBody: ({ max_tokens, ...body }) => ({ ...body, [form.tokensField]: max_tokens }),
        fetch,
      }).chatModel(model);
  }
}

const CACHED = { anthropic: { cacheControl: { type: 'ephemeral' as const } } };

/**
 * A conversation in the form of the SDK. Anthropic caches a prompt up to its marks: after the part that other conversations share, and at
 * its end, where the next message continues. The other providers cache equal beginnings without marks.
 */
export function conversationFor(
  provider: ModelProvider,
  { system, messages }: Pick<ModelPrompt, 'system' | 'messages'>,
  systemPosition: RequestForm['system'],
): { system?: string; messages: ModelMessage[] } {
  if (systemPosition === 'system') return { system, messages: messagesFor(provider, messages) };
  // Within the first message, since models without a system role often require alternating roles.
  const [first, ...rest] = messages;
  const prefix = `${system}\n\n`;
  const { content = '', stableLength = 0 } = first ?? {};
  const merged: Message = { role: 'user', content: prefix + content, stableLength: prefix.length + stableLength };
  return { messages: messagesFor(provider, [merged, ...rest]) };
}

function messagesFor(provider: ModelProvider, messages: readonly Message[]): ModelMessage[] {
  return messages.map(({ role, content, stableLength = 0 }, index): ModelMessage => {
    if (role === 'assistant' || provider !== 'anthropic') return { role, content };
    const part = (text: string, isMarked: boolean): TextPart[] =>
      text === '' ? [] : [{ type: 'text', text, ...(isMarked && { providerOptions: CACHED }) }];
    const isLast = index === messages.length - 1;
    return {
      role,
      content: [...part(content.slice(0, stableLength), true), ...part(content.slice(stableLength), isLast)],
    };
  });
}

/** Options of single providers: each SDK reads its own entry. */
export const providerOptionsFor = ({ cacheKey }: Pick<ModelPrompt, 'cacheKey'>) => ({
  // OpenAI stores responses unless `store` is false.
  openai: { store: false, ...(cacheKey && { promptCacheKey: cacheKey }) },
  // Strict schemas cannot describe the open arguments of a plan.
  openaiCompatible: { strictJsonSchema: false },
});
