import type { wrapLanguageModel } from 'ai';
import { errorInStream, StalledError, TooLongError } from './failure.ts';

type LanguageModel = ReturnType<typeof wrapLanguageModel>;
export type GenerateResult = Awaited<ReturnType<LanguageModel['doGenerate']>>;
type StreamResult = Awaited<ReturnType<LanguageModel['doStream']>>;
type StreamPart = StreamResult['stream'] extends ReadableStream<infer Part> ? Part : never;
type Content = GenerateResult['content'];
type Finish = Extract<StreamPart, { type: 'finish' }>;

const MAX_ANSWER_CHARS = 1_000_000;
const MAX_CALLS = 100;

/** The length of an answer so far, with its reasoning: endpoints also charge for incomplete answers. */
export type Progress = { chars: number };

/**
 * Reads a streamed answer to its end. Once its text has begun, it must not pause for longer than `idleMs`.
 * @throws APICallError for an error in the stream; StalledError; TooLongError
 */
export async function collect(result: StreamResult, progress: Progress, idleMs: number): Promise<GenerateResult> {
  const reader = result.stream.getReader();
  const answer = new StreamedAnswer(progress);
  let isStalled = false;
  let timer: NodeJS.Timeout | undefined;
  const onStall = () => {
    isStalled = true;
    reader.cancel().catch(() => {});
  };
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (isStalled) throw new StalledError(`The answer paused for ${idleMs} ms.`);
      if (done) break;
      answer.add(value);
      if (timer) timer.refresh();
      else if (answer.hasText) timer = setTimeout(onStall, idleMs);
    }
  } catch (error) {
    reader.cancel(error).catch(() => {});
    throw error;
  } finally {
    clearTimeout(timer);
  }
  return { ...answer.result(), response: result.response ?? {}, warnings: [] };
}

class StreamedAnswer {
  #text = '';
  #reasoning = '';
  readonly #calls: Content = [];
  #finish: Finish | undefined;

  constructor(private readonly progress: Progress) {}

  get hasText(): boolean {
    return this.#text !== '';
  }

  add(part: StreamPart): void {
    if (part.type === 'text-delta') this.#text += this.#count(part.delta);
    else if (part.type === 'reasoning-delta') {
      const delta = this.#count(part.delta);
      if (this.#reasoning.length < MAX_ANSWER_CHARS) this.#reasoning += delta;
    } else if (part.type === 'tool-call') this.#calls.push(part);
    else if (part.type === 'finish') this.#finish = part;
    else if (part.type === 'error') this.#fail(part.error);
    if (this.#text.length > MAX_ANSWER_CHARS || this.#calls.length > MAX_CALLS)
      throw new TooLongError('The answer is too long.');
  }

  /** Some endpoints send no finish reason; the text is an answer anyway. */
  #fail(error: unknown): void {
    const isReasonMissing = error instanceof Error && error.message.includes('finish reason');
    if (!isReasonMissing || this.#text === '') throw errorInStream(error);
  }

  #count(delta: string): string {
    this.progress.chars += delta.length;
    return delta;
  }

  result(): Pick<GenerateResult, 'content' | 'finishReason' | 'usage'> {
    if (!this.#finish) throw errorInStream(new Error('The stream has no end.'));
    const content: Content = [
      ...(this.#reasoning ? [{ type: 'reasoning' as const, text: this.#reasoning }] : []),
      { type: 'text', text: this.#text },
      ...this.#calls,
    ];
    return { content, finishReason: this.#finish.finishReason, usage: this.#finish.usage };
  }
}

/** Moves an answer into its text: from a tool call with a plan as its arguments, or from the reasoning if there is nothing else. */
export function asTextAnswer({ content, finishReason, ...rest }: GenerateResult): GenerateResult {
  const joinedText = (type: 'text' | 'reasoning') =>
    content.flatMap((part) => (part.type === type ? [part.text] : [])).join('');
  const calls = content.flatMap((part) => (part.type === 'tool-call' ? [part.input] : []));
  const plan = calls.findLast((input) => /"(steps|plan)"\s*:/.test(input)) ?? '';
  const answerText = joinedText('text');
  const isWhole = finishReason.unified !== 'length' && finishReason.unified !== 'content-filter';
  const answer = answerText.trim() === '' && isWhole && calls.length === 0 ? joinedText('reasoning') : answerText;
  const text = plan && !answerText.includes('{') ? plan : answer;
  if (text.length > MAX_ANSWER_CHARS) throw new TooLongError('The answer is too long.');
  const unified = calls.length > 0 && finishReason.unified === 'stop' ? 'tool-calls' : finishReason.unified;
  return { ...rest, content: [{ type: 'text', text }], finishReason: { ...finishReason, unified } };
}
