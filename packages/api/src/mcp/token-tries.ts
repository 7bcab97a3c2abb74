import { sha256 } from '@errand/basics/sha256';
import { tooManyWrong, WrongKeys } from '../limits/wrong-keys.ts';
import type { TokenPort } from './token-port.ts';

const MAX_VALID = 10_000;

type From = { readonly ip: string };

/**
 * Limits wrong access tokens by address, like wrong API keys. Beyond the limit an address may only use tokens that were valid before.
 * New keys of an issuer reset the counts, because tokens signed by the new key were wrong until then.
 */
export class TokenTries {
  readonly #wrong = new WrongKeys();
  /** Digests of tokens that were valid, the most recent last. */
  readonly #valid = new Set<string>();

  constructor(tokens: Pick<TokenPort, 'onNewKeys'>) {
    tokens.onNewKeys(() => this.#wrong.clear());
  }

  /** @throws ProblemError rate_limited */
  mayTry(token: string, from: From): void {
    const waitMs = this.#wrong.waitMs(from);
    if (waitMs > 0 && !this.#valid.has(sha256(token))) throw tooManyWrong(waitMs, 'access tokens');
  }

  noteWrong(from: From): void {
    this.#wrong.note(from);
  }

  noteValid(token: string): void {
    const digest = sha256(token);
    this.#valid.delete(digest);
    this.#valid.add(digest);
    if (this.#valid.size > MAX_VALID) this.#valid.delete(this.#valid.values().next().value!);
  }
}
