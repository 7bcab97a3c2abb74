import { createParser, type EventSourceMessage } from 'eventsource-parser';

/**
 * The frames of a server-sent event stream, until the body ends.
 * @param options `idleMs`: throws when no byte came for so long; `onRetry`: told of each `retry:` field, in ms
 */
export async function* readFrames(
  body: ReadableStream<Uint8Array>,
  options: { idleMs: number; onRetry: (ms: number) => void },
): AsyncGenerator<EventSourceMessage, void, void> {
  const frames: EventSourceMessage[] = [];
  const parser = createParser({ onEvent: (frame) => frames.push(frame), onRetry: options.onRetry });
  const decoder = new TextDecoder();
  const reader = body.getReader();
  try {
    for (;;) {
      const chunk = await within(options.idleMs, reader.read());
      if (chunk.done) return;
      parser.feed(decoder.decode(chunk.value, { stream: true }));
      yield* frames.splice(0);
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

async function within<T>(ms: number, promise: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const idle = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`Nothing arrived for ${ms} ms.`)), ms);
  });
  try {
    return await Promise.race([promise, idle]);
  } finally {
    clearTimeout(timer);
  }
}
