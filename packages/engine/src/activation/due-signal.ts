/** Tells an activation that its run became due while it goes on: a human answered. */
export class DueSignal {
  #requested = false;
  #controller = new AbortController();

  /** The run became due. */
  request(): void {
    this.#requested = true;
    this.#controller.abort();
  }

  /** Whether there was a request of which the activation knows nothing yet. */
  get isOpen(): boolean {
    return this.#requested;
  }

  /** A signal for what goes on until the next request; what was requested before is known from now on. */
  next(): AbortSignal {
    if (this.#requested) this.#controller = new AbortController();
    this.#requested = false;
    return this.#controller.signal;
  }
}
