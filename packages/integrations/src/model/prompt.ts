import type { Message, ModelPrompt } from '@errand/ports/model';
import type { ModelMessage, TextPart } from 'ai';
import type { ModelProvider } from './options.ts';
import type { RequestForm } from './request-form.ts';

const CACHED = { anthropic: { cacheControl: { type: 'ephemeral' as const } } };

/**
 * A conversation as the SDK takes it. Anthropic caches up to where a prompt is marked: after what other conversations have in common, and at its end,
 * where the next message of this one goes on. The other providers cache what begins alike, unmarked.
 */
export function conversationFor(
  provider: ModelProvider,
  { system, messages }: Pick<ModelPrompt, 'system' | 'messages'>,
  place: RequestForm['system'],
): { system?: string; messages: ModelMessage[] } {
  if (place === 'system') return { system, messages: messagesFor(provider, messages) };
  // In the first message itself: models without a system role often demand that the roles alternate.
  const [first, ...rest] = messages;
  const begin = `${system}\n\n`;
  const { content = '', stable = 0 } = first ?? {};
  const joined: Message = { role: 'user', content: begin + content, stable: begin.length + stable };
  return { messages: messagesFor(provider, [joined, ...rest]) };
}

function messagesFor(provider: ModelProvider, messages: readonly Message[]): ModelMessage[] {
  return messages.map(({ role, content, stable = 0 }, at): ModelMessage => {
    if (role === 'assistant') return { role, content };
    if (provider !== 'anthropic') return { role, content };
    const part = (text: string, isMarked: boolean): TextPart[] =>
      text === '' ? [] : [{ type: 'text', text, ...(isMarked && { providerOptions: CACHED }) }];
    const isLast = at === messages.length - 1;
    return { role, content: [...part(content.slice(0, stable), true), ...part(content.slice(stable), isLast)] };
  });
}

/** What only one provider understands: each SDK reads its own entry. */
export const providerOptionsFor = ({ cacheKey }: Pick<ModelPrompt, 'cacheKey'>) => ({
  // OpenAI stores responses unless `store` is false.
  openai: { store: false, ...(cacheKey && { promptCacheKey: cacheKey }) },
  // A plan's arguments are open, which no strict schema may be.
  openaiCompatible: { strictJsonSchema: false },
});
