// The size of answers is limited, because a server that is broken or hostile may send one without an end.
import { RequestFailed } from './request-failed.ts';

/** The largest answer, and the largest event of a stream, in bytes: twice the largest answer of Errand. */
export const MAX_ANSWER_BYTES = 16 * 1024 * 1024;

/** The answer, with a body that fails with RequestFailed after MAX_ANSWER_BYTES. */
export function limitAnswer(response: Response): Response {
  let bytes = 0;
  return limitBody(response, 'answer', (chunk) => {
    bytes += chunk.length;
    return bytes;
  });
}

/** The answer, with a stream of events that fails with RequestFailed once one of them has more than MAX_ANSWER_BYTES. */
export function limitEvents(response: Response): Response {
  const ends = new EventEnds();
  let bytes = 0;
  return limitBody(response, 'event', (chunk) => {
    const end = ends.lastIn(chunk);
    bytes = end > 0 ? chunk.length - end : bytes + chunk.length;
    return bytes;
  });
}

/** @param sizeWith the bytes that a reader has to hold after this chunk */
function limitBody(response: Response, part: 'answer' | 'event', sizeWith: (chunk: Uint8Array) => number): Response {
  if (!response.body) return response;
  const limiter = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      if (sizeWith(chunk) > MAX_ANSWER_BYTES) throw tooLarge(part, response.status);
      controller.enqueue(chunk);
    },
  });
  const limited = new Response(response.body.pipeThrough(limiter), response);
  return Object.defineProperty(limited, 'url', { value: response.url });
}

const tooLarge = (part: 'answer' | 'event', status: number) =>
  new RequestFailed({
    type: 'about:blank',
    title: 'Answer too large',
    status,
    code: 'answer_too_large',
    detail: `The server sent an ${part} of more than ${MAX_ANSWER_BYTES / 1024 / 1024} MiB.`,
    remedy: 'Check that the URL leads to Errand, which sends smaller ones.',
  });

const LF = 10;
const CR = 13;

/** Finds the ends of events. An empty line ends an event; a line ends with LF, CR or both. */
class EventEnds {
  #isLineEmpty = true;
  #isAfterCr = false;

  /** The index after the last end in the next chunk; 0 if there is none. */
  lastIn(chunk: Uint8Array): number {
    let end = 0;
    for (let i = 0; i < chunk.length; i++) {
      const byte = chunk[i];
      const isRestOfCrLf = byte === LF && this.#isAfterCr;
      this.#isAfterCr = byte === CR;
      if (isRestOfCrLf) continue;
      const endsLine = byte === LF || byte === CR;
      if (endsLine && this.#isLineEmpty) end = i + 1;
      this.#isLineEmpty = endsLine;
    }
    return end;
  }
}
