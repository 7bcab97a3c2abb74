// The user token of a page: one for all its streams and calls, renewed before it ends.

import { RequestFailed } from '../http/request-failed.ts';
import { createBackoff } from '../http/retry.ts';
import { untilAborted, withinMs } from './within.ts';

/** The answer of POST /v1/user-tokens; other members are ignored. */
export type UserTokenAnswer = { token: string; userId: string; expiresAt: string };

/** The clock of the browser may be wrong: these bound the time until a token is renewed. */
const MIN_RENEWAL_MS = 5000;
const MAX_LIFETIME_MS = 61 * 60_000;
/** A token is renewed so long before its end, or after three quarters of its time. */
const LEAD_MS = 60_000;
/** `getToken` without an answer for so long has failed. */
const ANSWER_MS = 30_000;

export class TokenSource {
  #current: UserTokenAnswer | undefined;
  #renewAt = 0;
  #asking: Promise<UserTokenAnswer> | undefined;
  readonly #streams = new Set<{ token: string; onRenewed: () => void }>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly getToken: () => Promise<UserTokenAnswer>) {}

  /**
   * The token to send. Asks for another one when it is time; uses the present one if that fails.
   * @throws the error of `getToken` if there is no token
   */
  async get(signal?: AbortSignal): Promise<UserTokenAnswer> {
    const present = this.#current;
    if (present && Date.now() < this.#renewAt) return present;
    const asking = this.#ask();
    return untilAborted(signal, present ? asking.catch(() => this.#current ?? asking) : asking);
  }

  /** The service refused the token with 401. */
  refuse(token: string): void {
    if (this.#current?.token === token) this.#current = undefined;
  }

  /**
   * Renews tokens while a stream is open. Calls `onRenewed` when there is a newer token than that of the stream.
   * @returns the function to call when the stream ends
   */
  whileOpen(token: string, onRenewed: () => void): () => void {
    const stream = { token, onRenewed };
    this.#streams.add(stream);
    if (this.#current && this.#current.token !== token) onRenewed();
    this.#schedule();
    return () => {
      this.#streams.delete(stream);
      if (this.#streams.size === 0) this.#stopTimer();
    };
  }

  #stopTimer(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #schedule(): void {
    if (this.#streams.size === 0) return;
    this.#timer ??= setTimeout(() => void this.#renew(), Math.max(this.#renewAt - Date.now(), 0));
  }

  async #renew(): Promise<void> {
    const backoff = createBackoff();
    while (this.#streams.size > 0 && Date.now() >= this.#renewAt) {
      await this.#ask().catch(() => undefined);
      if (Date.now() >= this.#renewAt) await backoff.wait();
    }
    this.#timer = undefined;
    this.#schedule();
  }

  /** Asks for a token, once at a time. */
  #ask(): Promise<UserTokenAnswer> {
    this.#asking ??= this.#askNow().finally(() => {
      this.#asking = undefined;
    });
    return this.#asking;
  }

  async #askNow(): Promise<UserTokenAnswer> {
    const answer = toAnswer(await withinMs(ANSWER_MS, this.getToken(), noAnswer));
    this.#current = answer;
    this.#renewAt = Date.now() + renewalMs(answer);
    for (const { token, onRenewed } of [...this.#streams]) if (token !== answer.token) onRenewed();
    return answer;
  }
}

function noAnswer(): never {
  throw new Error(`\`getToken\` gave no answer within ${ANSWER_MS / 1000} s.`);
}

/** The time until a new token is renewed. If the clock contradicts `expiresAt`, the service says when the token has ended. */
function renewalMs({ expiresAt }: UserTokenAnswer): number {
  const lifetimeMs = Date.parse(expiresAt) - Date.now();
  const isPlausible = lifetimeMs > 0 && lifetimeMs <= MAX_LIFETIME_MS;
  if (!isPlausible) return MAX_LIFETIME_MS;
  return Math.max(lifetimeMs - Math.min(LEAD_MS, lifetimeMs / 4), MIN_RENEWAL_MS);
}

function toAnswer(answer: unknown): UserTokenAnswer {
  const { token, expiresAt } = (answer ?? {}) as Partial<UserTokenAnswer>;
  if (typeof token === 'string' && token !== '' && !Number.isNaN(Date.parse(expiresAt ?? ''))) {
    return answer as UserTokenAnswer;
  }
  throw new RequestFailed({
    type: 'about:blank',
    title: 'No token',
    status: 0,
    code: 'invalid_token_answer',
    detail: '`getToken` gave no token.',
    remedy: 'Return the answer of POST /v1/user-tokens, with `token`, `userId` and `expiresAt`.',
  });
}
