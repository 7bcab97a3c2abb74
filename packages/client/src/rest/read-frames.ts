import { withTimeout } from '@errand/basics/with-timeout';
import { createParser, type EventSourceMessage } from 'eventsource-parser';

/**
 * The frames of a server-sent event stream, until the body ends.
 * @param options `idleMs`: throws when no byte arrived for this many ms; `onRetry`: called with each `retry:` field, in ms
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
      const chunk = await withTimeout(options.idleMs, reader.read());
      if (chunk.done) return;
      parser.feed(decoder.decode(chunk.value, { stream: true }));
      yield* frames.splice(0);
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}
