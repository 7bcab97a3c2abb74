// A value outside of React, which components share. It is kept up to date while a component shows it.

/** Keeps the value up to date until the signal aborts. */
export type Source<T> = (set: (change: (value: T) => T) => void, signal: AbortSignal) => Promise<void>;

export class Store<T> {
  #value: T;
  #next: T;
  readonly #listeners = new Set<() => void>();
  #running: AbortController | undefined;
  #publishTimer: ReturnType<typeof setTimeout> | undefined;
  #stopTimer: ReturnType<typeof setTimeout> | undefined;

  /** @param onStop called when no component shows it any more */
  constructor(
    private readonly initial: T,
    private readonly source: Source<T>,
    private readonly onStop: () => void = () => {},
  ) {
    this.#value = initial;
    this.#next = initial;
  }

  readonly get = (): T => this.#value;
  readonly getInitial = (): T => this.initial;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    clearTimeout(this.#stopTimer);
    if (!this.#running) this.#start();
    return () => {
      this.#listeners.delete(listener);
      // React's StrictMode subscribes twice: the stream stays open in between.
      if (this.#listeners.size === 0) this.#stopTimer = setTimeout(() => this.#stop(), 0);
    };
  };

  /** Changes the value. Components see all changes of a task of the browser at once. */
  readonly set = (change: (value: T) => T): void => {
    this.#next = change(this.#next);
    this.#publishTimer ??= setTimeout(() => this.#publish(), 0);
  };

  #publish(): void {
    this.#publishTimer = undefined;
    if (this.#value === this.#next) return;
    this.#value = this.#next;
    for (const listener of [...this.#listeners]) listener();
  }

  #start(): void {
    const running = new AbortController();
    this.#running = running;
    const set = (change: (value: T) => T) => {
      if (!running.signal.aborted) this.set(change);
    };
    void this.source(set, running.signal);
  }

  #stop(): void {
    this.#running?.abort();
    this.#running = undefined;
    clearTimeout(this.#publishTimer);
    this.#publishTimer = undefined;
    this.#value = this.initial;
    this.#next = this.initial;
    this.onStop();
  }
}
