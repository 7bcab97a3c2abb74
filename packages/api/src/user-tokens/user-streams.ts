import type { UserTokenPrincipal } from '@errand/contracts';
import type { Db } from '@errand/db';
import { tokenEnded } from './refusals.ts';

/** Interval at which the tokens of open streams are checked. */
const CHECK_MS = 5000;

type Stream = { workspaceId: string; userTokenId: string; free: () => void; revoke: (reason: Error) => void };

/** The open streams of user tokens. Ends the streams of ended tokens within ten seconds. */
export class UserStreams {
  readonly #streams = new Set<Stream>();
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly tokens: Pick<Db['userTokens'], 'valid'>) {}

  get size(): number {
    return this.#streams.size;
  }

  /** @param free frees the slot of the stream @returns a function that ends the stream; a second call does nothing */
  add({ workspaceId, id }: UserTokenPrincipal, { free, revoke }: Pick<Stream, 'free' | 'revoke'>): () => void {
    const stream = { workspaceId, userTokenId: id, free, revoke };
    this.#streams.add(stream);
    this.#timer ??= setInterval(() => void this.#check().catch(() => {}), CHECK_MS).unref();
    return () => this.#free(stream);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #free(stream: Stream): void {
    stream.free();
    this.#streams.delete(stream);
    if (this.#streams.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  // While Postgres does not answer, streams stay open; the next check tries again.
  async #check(): Promise<void> {
    const open = [...this.#streams];
    const tokens = new Map(open.map(({ workspaceId, userTokenId }) => [userTokenId, { workspaceId, userTokenId }]));
    const valid = await this.tokens.valid([...tokens.values()]);
    for (const stream of open) {
      if (valid.has(stream.userTokenId) || !this.#streams.has(stream)) continue;
      this.#free(stream);
      stream.revoke(tokenEnded());
    }
  }
}
