import type { Json } from '@errand/contracts';
import { nameOf } from './text.ts';

/** Maximum bytes of outputs searched for names, and maximum number of values visited. */
export const MAX_NAMES_BYTES = 512 * 1024;
const MAX_VALUES = 20_000;

const ID = /^(?:_?id|uuid|guid|key|number|code|sku|slug)$/i;
const ID_OF = /^(.+?)(?:_id|Id|ID)$/;

/** The names of the things in a run's outputs, by their ids. An id with several names has none here. */
export class Names {
  readonly #names = new Map<string, string | null>();
  #left = MAX_VALUES;

  /** Collects the names in an output. @param text its JSON text */
  learn(text: string): void {
    this.#visit(JSON.parse(text) as Json);
  }

  /** The name of a thing. @param isId whether the value is certainly an id; otherwise it must look like one */
  of(id: Json, isId = false): string | undefined {
    if (typeof id !== 'string' && typeof id !== 'number') return undefined;
    const text = String(id);
    // A short value may equal an id by chance.
    if (!isId && !(text.length >= 6 && /\d/.test(text) && /\D/.test(text))) return undefined;
    const name = this.#names.get(text) ?? undefined;
    return name === text ? undefined : name;
  }

  #visit(value: Json): void {
    if (typeof value !== 'object' || value === null || --this.#left < 0) return;
    if (Array.isArray(value)) {
      for (const item of value) this.#visit(item);
      return;
    }
    const name = nameOf(value);
    for (const [key, member] of Object.entries(value)) {
      if (--this.#left < 0) return;
      if (ID.test(key)) this.#note(member, name);
      this.#note(member, nameOfReference(value, key));
      this.#visit(member);
    }
  }

  #note(id: Json | undefined, name: string | undefined): void {
    if (name === undefined || (typeof id !== 'string' && typeof id !== 'number')) return;
    const before = this.#names.get(String(id));
    this.#names.set(String(id), before === undefined || before === name ? name : null);
  }
}

/** The name of a referenced thing: `ownerName` next to `ownerId`. */
function nameOfReference(thing: { [key: string]: Json }, key: string): string | undefined {
  const [, noun] = ID_OF.exec(key) ?? [];
  const name = noun === undefined ? undefined : (thing[`${noun}Name`] ?? thing[`${noun}_name`]);
  return typeof name === 'string' ? nameOf({ name }) : undefined;
}
