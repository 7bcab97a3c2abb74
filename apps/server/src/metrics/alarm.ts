/** An alarm ends after this time without its cause, in ms, so that a value near a threshold does not fill the log. */
const CALM_MS = 300_000;

/** Remembers whether a value is too high: it begins at `from`, and ends when the value has stayed below half of it for five minutes. */
export class Alarm {
  #isOn = false;
  #calmSince: number | undefined;

  /** @param from the lowest value that is too high */
  constructor(private readonly from: number) {}

  /** @param value undefined: unknown, which changes nothing @returns the change that should be logged */
  update(value: number | undefined, now: number): 'begins' | 'ends' | undefined {
    if (value === undefined) return undefined;
    if (!this.#isOn) {
      this.#isOn = value >= this.from;
      this.#calmSince = undefined;
      return this.#isOn ? 'begins' : undefined;
    }
    if (value >= this.from / 2) {
      this.#calmSince = undefined;
      return undefined;
    }
    this.#calmSince ??= now;
    if (now - this.#calmSince < CALM_MS) return undefined;
    this.#isOn = false;
    return 'ends';
  }
}
