/** Tells an activation that its run became due meanwhile: a human decided. */
export class DueSignal {
  #requested = false;
  #controller = new AbortController();

  /** The run became due. */
  request(): void {
    this.#requested = true;
    this.#controller.abort();
  }

  /** Whether the run became due after the last call of `next`. */
  get isOpen(): boolean {
    return this.#requested;
  }

  /** A signal that aborts when the run becomes due again; earlier requests count as seen. */
  next(): AbortSignal {
    if (this.#requested) this.#controller = new AbortController();
    this.#requested = false;
    return this.#controller.signal;
  }
}
