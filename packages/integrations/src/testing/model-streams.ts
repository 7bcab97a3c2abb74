import type { ModelWire, WireAnswer } from './model-wires.ts';

const PIECE = 40;

/** The events of a streamed answer, as the API of the model writes them; each becomes one `data` line. */
export function eventsOf(wire: ModelWire, model: string, answer: WireAnswer): object[] {
  switch (wire) {
    case 'chat':
      return chatEvents(model, answer);
    case 'responses':
      return responsesEvents(model, answer);
    case 'anthropic':
      return anthropicEvents(model, answer);
    case 'google':
      return googleEvents(model, answer);
  }
}

/** Events as an endpoint sends them. OpenAI ends its streams with a mark. */
export const asEventStream = (events: readonly object[], wire: ModelWire): string =>
  events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('') + (wire === 'chat' ? 'data: [DONE]\n\n' : '');

const piecesOf = (text: string): string[] => text.match(new RegExp(`[^]{1,${PIECE}}`, 'g')) ?? [];

function chatEvents(model: string, { text, finish, usage }: WireAnswer): object[] {
  const event = (more: object) => ({
    id: 'chatcmpl-scripted',
    object: 'chat.completion.chunk',
    created: 1,
    model,
    ...more,
  });
  const field = finish === 'refusal' ? 'refusal' : 'content';
  const chunk = (delta: object, finish_reason: string | null = null) =>
    event({ choices: [{ index: 0, delta, finish_reason }] });
  return [
    chunk({ role: 'assistant' }),
    ...piecesOf(text).map((piece) => chunk({ [field]: piece })),
    chunk({}, finish === 'length' ? 'length' : 'stop'),
    event({
      choices: [],
      usage: {
        prompt_tokens: usage.inputTokens,
        completion_tokens: usage.outputTokens,
        total_tokens: usage.inputTokens + usage.outputTokens,
        prompt_tokens_details: { cached_tokens: usage.cachedTokens ?? 0 },
      },
    }),
  ];
}

function responsesEvents(model: string, { text, finish, usage }: WireAnswer): object[] {
  const item = { type: 'message', id: 'msg_scripted', role: 'assistant' };
  const type = finish === 'refusal' ? 'response.refusal.delta' : 'response.output_text.delta';
  const at = { item_id: item.id, output_index: 0, content_index: 0 };
  return [
    { type: 'response.created', response: { id: 'resp_scripted', created_at: 1, model } },
    { type: 'response.output_item.added', output_index: 0, item },
    ...piecesOf(text).map((delta) => ({ type, ...at, delta })),
    ...(finish === 'refusal' ? [{ type: 'response.refusal.done', ...at, refusal: text }] : []),
    { type: 'response.output_item.done', output_index: 0, item: { ...item, status: 'completed', content: [] } },
    {
      type: finish === 'length' ? 'response.incomplete' : 'response.completed',
      response: {
        incomplete_details: finish === 'length' ? { reason: 'max_output_tokens' } : null,
        usage: {
          input_tokens: usage.inputTokens,
          output_tokens: usage.outputTokens,
          input_tokens_details: { cached_tokens: usage.cachedTokens ?? 0 },
          output_tokens_details: { reasoning_tokens: 0 },
        },
      },
    },
  ];
}

function anthropicEvents(model: string, { text, finish, usage }: WireAnswer): object[] {
  const { inputTokens, outputTokens, cachedTokens = 0 } = usage;
  const counted = { input_tokens: inputTokens - cachedTokens, cache_read_input_tokens: cachedTokens };
  const delta = (piece: string) => ({
    type: 'content_block_delta',
    index: 0,
    delta: { type: 'text_delta', text: piece },
  });
  return [
    {
      type: 'message_start',
      message: {
        id: 'msg_scripted',
        type: 'message',
        role: 'assistant',
        model,
        content: [],
        usage: { ...counted, output_tokens: 1 },
      },
    },
    { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
    ...piecesOf(text).map(delta),
    { type: 'content_block_stop', index: 0 },
    {
      type: 'message_delta',
      delta: {
        stop_reason: { stop: 'end_turn', length: 'max_tokens', refusal: 'refusal' }[finish],
        stop_sequence: null,
      },
      usage: { output_tokens: outputTokens },
    },
    { type: 'message_stop' },
  ];
}

function googleEvents(model: string, { text, finish, usage }: WireAnswer): object[] {
  const { inputTokens, outputTokens, cachedTokens = 0 } = usage;
  const chunk = (piece: string, more: object = {}) => ({
    candidates: [{ content: { role: 'model', parts: [{ text: piece }] }, index: 0, ...more }],
    modelVersion: model,
  });
  return [
    ...piecesOf(text).map((piece) => chunk(piece)),
    {
      ...chunk('', { finishReason: { stop: 'STOP', length: 'MAX_TOKENS', refusal: 'SAFETY' }[finish] }),
      usageMetadata: {
        promptTokenCount: inputTokens,
        cachedContentTokenCount: cachedTokens,
        candidatesTokenCount: outputTokens,
        totalTokenCount: inputTokens + outputTokens,
      },
    },
  ];
}
