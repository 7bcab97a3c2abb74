// Bodies of uploads arrive while their import occupies a slot, so each workspace has few, and each ends.
import { timeLimit } from '@errand/basics/time-limit';
import { problem } from '@errand/contracts';

/** Uploads of a workspace from which operations are picked: they may be large, and few fit into memory. */
const MAX_LARGE = 2;
/** The time within which a body must arrive, in ms. */
const BODY_MS = 30_000;
const RETRY_AFTER_S = 10;

export class LargeUploads {
  readonly #counts = new Map<string, number>();

  /** @throws ProblemError too_many_imports */
  async run<T>(workspaceId: string, work: () => Promise<T>): Promise<T> {
    const count = this.#counts.get(workspaceId) ?? 0;
    if (count >= MAX_LARGE) {
      const detail = `${MAX_LARGE} uploads with \`pick\` of this workspace are in progress. Try again in ${RETRY_AFTER_S} s.`;
      throw problem('too_many_imports', detail, {
        headers: { 'retry-after': String(RETRY_AFTER_S) },
        values: { retryAfterSeconds: RETRY_AFTER_S },
      });
    }
    this.#counts.set(workspaceId, count + 1);
    try {
      return await work();
    } finally {
      const left = this.#counts.get(workspaceId)! - 1;
      if (left > 0) this.#counts.set(workspaceId, left);
      else this.#counts.delete(workspaceId);
    }
  }
}

/** A body that must arrive within `ms` after its first read. @throws ProblemError request_timeout */
export async function* bodyWithin(body: AsyncIterable<Uint8Array>, ms = BODY_MS): AsyncGenerator<Uint8Array> {
  const timeout = timeLimit(ms);
  const late = new Promise<never>((_, reject) => {
    const refuse = () =>
      reject(
        problem('request_timeout', `The document did not arrive within ${ms / 1000} s. Send it faster, or a part.`),
      );
    timeout.addEventListener('abort', refuse, { once: true });
  });
  // It may be late after the last piece.
  late.catch(() => {});
  const pieces = body[Symbol.asyncIterator]();
  try {
    for (;;) {
      const piece = await Promise.race([pieces.next(), late]);
      if (piece.done) return;
      yield piece.value;
    }
  } finally {
    // Not awaited: it ends after the piece that is late.
    void pieces.return?.();
  }
}
