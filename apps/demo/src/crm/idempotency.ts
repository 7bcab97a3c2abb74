import { createHash } from 'node:crypto';
import { CrmError } from './operation.ts';

/** An answer as it was sent. */
export type Answer = { readonly status: number; readonly body: unknown };

/** Stores the first answer for each key, so that a repeated request creates nothing. */
export class IdempotencyStore {
  readonly #firstAnswers = new Map<string, { digest: string; answer: Answer }>();

  /**
   * Calls `execute` once per key and operation; without a key, each time. Failed requests are not stored, because they changed nothing.
   * @throws CrmError 422 if the key was used with another body
   */
  once(
    key: string | undefined,
    operation: string,
    body: unknown,
    execute: () => Answer,
  ): Answer & { replayed: boolean } {
    if (key === undefined) return { ...execute(), replayed: false };
    const storeKey = `${operation} ${key}`;
    const digest = createHash('sha256').update(JSON.stringify(body)).digest('hex');
    const first = this.#firstAnswers.get(storeKey);
    if (first) {
      if (first.digest === digest) return { ...first.answer, replayed: true };
      throw new CrmError(
        422,
        'idempotency_key_reused',
        'This Idempotency-Key was used before with another body: "{}".',
        { subject: key },
      );
    }
    const answer = execute();
    this.#firstAnswers.set(storeKey, { digest, answer });
    return { ...answer, replayed: false };
  }
}
