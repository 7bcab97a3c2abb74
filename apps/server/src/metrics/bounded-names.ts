const MAX_LENGTH = 60;
/** Characters with a meaning in the text format, or for a terminal or a page, become `_`. */
const UNSAFE = /[^\p{L}\p{N} ._\-()&/]/gu;
const OTHER = 'other';

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
    return this.#labels.get(name) ?? this.#admit(name);
  }

  #admit(name: string): string {
    const value = this.redact(name).replace(UNSAFE, '_').slice(0, MAX_LENGTH).toWellFormed().trim() || OTHER;
    const isAdmitted = this.#values.has(value) || this.#values.size < this.max;
    if (!isAdmitted) return OTHER;
    if (value !== OTHER) this.#values.add(value);
    // Names that differ only in unsafe characters share a value; only some of them are remembered.
    if (this.#labels.size < this.max * 2) this.#labels.set(name, value);
    return value;
  }
}
