import { KEYWORDS } from '../sandbox/plain-path.ts';

/** Words that mean something else where an expression reads `input.<name>`. */
const TAKEN = new Set([...Object.getOwnPropertyNames(Object.prototype), ...KEYWORDS]);

/** Names of inputs: each is given once. */
export class InputNames {
  readonly #given = new Set<string>();

  /** Keeps a name that is in use. */
  keep(name: string): void {
    this.#given.add(name);
  }

  /** A free name made from some words: "deal owner" is `dealOwner`, the second one `dealOwner2`. */
  free(text: string): string {
    const [first = '', ...others] = text.normalize('NFKD').match(/[A-Za-z0-9]+/g) ?? [];
    const camel = [
      first.charAt(0).toLowerCase() + first.slice(1),
      ...others.map((part) => part.charAt(0).toUpperCase() + part.slice(1)),
    ]
      .join('')
      .slice(0, 40);
    const base = /^[A-Za-z]/.test(camel) && !TAKEN.has(camel) ? camel : `value${camel}`;
    let name = base;
    for (let n = 2; this.#given.has(name); n++) name = `${base}${n}`;
    this.#given.add(name);
    return name;
  }
}
