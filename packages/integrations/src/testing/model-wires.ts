/** The wire formats of model endpoints, as far as one answer of text needs them. */
export type ModelWire = 'chat' | 'responses' | 'anthropic' | 'google';

export type WireMessage = { role: 'system' | 'user' | 'assistant'; text: string };
export type WireAnswer = {
  text: string;
  finish: 'stop' | 'length' | 'refusal';
  usage: { inputTokens: number; outputTokens: number; cachedTokens?: number };
};

type Body = Record<string, unknown>;

/** Which format a path belongs to; undefined: none that is spoken here. */
export function wireOf(path: string): ModelWire | undefined {
  if (path.endsWith('/chat/completions')) return 'chat';
  if (path.endsWith('/responses')) return 'responses';
  if (path.endsWith('/messages')) return 'anthropic';
  return /\/models\/[^/]+:(generateContent|streamGenerateContent)$/.test(path) ? 'google' : undefined;
}

export function modelOf(wire: ModelWire, path: string, body: Body): string {
  return wire === 'google' ? (/\/models\/([^/]+):/.exec(path)?.[1] ?? '') : String(body.model ?? '');
}

/** Whether a request asks for a streamed answer. */
export const isStreamed = (path: string, body: Body): boolean => body.stream === true || path.includes(':stream');

/** The conversation in a request, in one form for all formats. */
export function messagesOf(wire: ModelWire, body: Body): WireMessage[] {
  const entries = (key: string) => (Array.isArray(body[key]) ? (body[key] as Body[]) : []);
  const system = (content: unknown): WireMessage[] =>
    content === undefined ? [] : [{ role: 'system', text: textOf(content) }];
  switch (wire) {
    case 'chat':
      return entries('messages').map(({ role, content }) => ({ role: roleOf(role), text: textOf(content) }));
    case 'responses':
      return entries('input').map(({ role, content }) => ({ role: roleOf(role), text: textOf(content) }));
    case 'anthropic':
      return [
        ...system(body.system),
        ...entries('messages').map(({ role, content }) => ({ role: roleOf(role), text: textOf(content) })),
      ];
    case 'google':
      return [
        ...system((body.systemInstruction as Body | undefined)?.parts),
        ...entries('contents').map(({ role, parts }) => ({ role: roleOf(role), text: textOf(parts) })),
      ];
  }
}

const roleOf = (role: unknown): WireMessage['role'] =>
  role === 'system' || role === 'developer'
    ? 'system'
    : role === 'assistant' || role === 'model'
      ? 'assistant'
      : 'user';

const textOf = (content: unknown): string =>
  typeof content === 'string'
    ? content
    : Array.isArray(content)
      ? content.map((part) => String((part as Body).text ?? '')).join('')
      : '';

/** The body of a good answer. */
export const bodyOf = (wire: ModelWire, model: string, answer: WireAnswer): Body => bodies[wire](model, answer);

const bodies: Record<ModelWire, (model: string, answer: WireAnswer) => Body> = {
  chat: (model, { text, finish, usage }) => ({
    id: 'chatcmpl-scripted',
    object: 'chat.completion',
    created: 1_700_000_000,
    model,
    choices: [
      {
        index: 0,
        message: {
          role: 'assistant',
          content: finish === 'refusal' ? null : text,
          ...(finish === 'refusal' && { refusal: text }),
        },
        finish_reason: finish === 'length' ? 'length' : 'stop',
      },
    ],
    usage: {
      prompt_tokens: usage.inputTokens,
      completion_tokens: usage.outputTokens,
      total_tokens: usage.inputTokens + usage.outputTokens,
      prompt_tokens_details: { cached_tokens: usage.cachedTokens ?? 0 },
    },
  }),
  responses: (model, { text, finish, usage }) => ({
    id: 'resp_scripted',
    object: 'response',
    created_at: 1_700_000_000,
    status: finish === 'length' ? 'incomplete' : 'completed',
    incomplete_details: finish === 'length' ? { reason: 'max_output_tokens' } : null,
    model,
    output: [
      {
        type: 'message',
        id: 'msg_scripted',
        role: 'assistant',
        status: 'completed',
        content: [
          finish === 'refusal' ? { type: 'refusal', refusal: text } : { type: 'output_text', text, annotations: [] },
        ],
      },
    ],
    usage: {
      input_tokens: usage.inputTokens,
      output_tokens: usage.outputTokens,
      total_tokens: usage.inputTokens + usage.outputTokens,
      input_tokens_details: { cached_tokens: usage.cachedTokens ?? 0 },
      output_tokens_details: { reasoning_tokens: 0 },
    },
  }),
  anthropic: (model, { text, finish, usage }) => ({
    id: 'msg_scripted',
    type: 'message',
    role: 'assistant',
    model,
    content: text ? [{ type: 'text', text }] : [],
    stop_reason: { stop: 'end_turn', length: 'max_tokens', refusal: 'refusal' }[finish],
    stop_sequence: null,
    usage: {
      input_tokens: usage.inputTokens - (usage.cachedTokens ?? 0),
      cache_read_input_tokens: usage.cachedTokens ?? 0,
      output_tokens: usage.outputTokens,
    },
  }),
  google: (model, { text, finish, usage }) => ({
    candidates: [
      {
        content: { role: 'model', parts: [{ text }] },
        finishReason: { stop: 'STOP', length: 'MAX_TOKENS', refusal: 'SAFETY' }[finish],
        index: 0,
      },
    ],
    usageMetadata: {
      promptTokenCount: usage.inputTokens,
      cachedContentTokenCount: usage.cachedTokens ?? 0,
      candidatesTokenCount: usage.outputTokens,
      totalTokenCount: usage.inputTokens + usage.outputTokens,
    },
    modelVersion: model,
  }),
};

/** The body of an error, as the API of the model writes it. */
export function errorOf(wire: ModelWire, status: number, message: string): Body {
  switch (wire) {
    case 'chat':
    case 'responses':
      return { error: { message, type: 'scripted_error', param: null, code: null } };
    case 'anthropic':
      return { type: 'error', error: { type: 'api_error', message } };
    case 'google':
      return { error: { code: status, message, status: 'INTERNAL' } };
  }
}
