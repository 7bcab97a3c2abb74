const MAX_LENGTH = 60;
/** Characters with a meaning in the text format, or for a terminal or a page, become `_`. */
const UNSAFE = /[^\p{L}\p{N} ._\-()&/]/gu;
const OTHER = 'other';
/** Maximum number of names with a remembered value. */
const MAX_REMEMBERED = 1000;

/**
 * Values of a label that others choose. The first names keep their value, and all later ones are `other`, so that a counter never passes
 * from one series to another.
 */
export class BoundedNames {
  readonly #labels = new Map<string, string>();
  readonly #values = new Set<string>();

  /** @param max maximum number of values beside `other` @param redact replaces secrets */
  constructor(
    private readonly max: number,
    private readonly redact: (text: string) => string = (text) => text,
  ) {}

  of(name: string): string {
    let value = this.#labels.get(name);
    if (value === undefined) {
      value = this.#admit(name);
      // Forgetting costs a redaction of each name, and changes no value.
      if (this.#labels.size >= MAX_REMEMBERED) this.#labels.clear();
      this.#labels.set(name, value);
    }
    return value;
  }

  #admit(name: string): string {
    const value = this.redact(name).replace(UNSAFE, '_').slice(0, MAX_LENGTH).toWellFormed().trim() || OTHER;
    if (value === OTHER || this.#values.has(value)) return value;
    if (this.#values.size >= this.max) return OTHER;
    this.#values.add(value);
    return value;
  }
}

/** The values of the labels that others choose. @param redact replaces secrets */
export const boundedLabels = (redact?: (text: string) => string) => ({
  integration: new BoundedNames(50, redact),
  model: new BoundedNames(10, redact),
});
