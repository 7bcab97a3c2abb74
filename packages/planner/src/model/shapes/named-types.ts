// Control characters mark parts that are written later. `cleanText` removes them from all other texts.
// biome-ignore lint/suspicious/noControlCharactersInRegex: see above
const MARK = /\u0001(\d+)\u0002|\u0003([^\u0003\u0004]*)\u0004/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: see above
const COMMENT = /\u0005([^\u0005\u0006]*)\u0006([^\u0005\u0007]*)\u0007/g;
/** Characters of a definition besides the name and the type. */
const DEFINITION = 20;

type Entry = { text: string; hint: string; isRecursive: boolean };

/** Types that several shapes share: each is written once, under a name. */
export class NamedTypes {
  readonly #entries: Entry[] = [];
  readonly #ids = new Map<string, number>();

  /** Stores a type. @param hint for its name @returns a mark that represents it until `assemble` */
  add(text: string, hint: string, isRecursive = false): string {
    const key = `${isRecursive ? hint : ''}\n${text}`;
    const existingId = this.#ids.get(key);
    const id = existingId ?? this.#entries.push({ text, hint, isRecursive }) - 1;
    if (existingId === undefined) this.#ids.set(key, id);
    return `\u0001${id}\u0002`;
  }

  /** Whether a text begins with a type that may get a name. */
  static startsWithMark = (text: string): boolean => text.startsWith('\u0001') || text.startsWith('\u0003');

  /** A mark for a type within itself. */
  static selfReference = (hint: string): string => `\u0003${hint}\u0004`;

  /** The notes on a member. `assemble` writes equal notes of members with the same name once. */
  static comment = (name: string, notes: readonly string[]): string =>
    notes.length === 0 ? '' : `\u0005${name}\u0006 /* ${notes.join('; ')} */\u0007`;

  /** A text with every type and every comment written where it is used. */
  inline(text: string): string {
    return this.#expand(text, new Map(), []).replace(COMMENT, '$2');
  }

  /** Texts with names for their shared types, and the definitions of these names. */
  assemble(texts: readonly string[]): { texts: string[]; types: string[] } {
    const uses = this.#uses(texts);
    const names = new Map<number, string>();
    const taken = new Set<string>();
    for (const [id, count] of uses) {
      const { hint, isRecursive, text } = this.#entries[id]!;
      const saved =
        (count - 1) * (count > 1 ? this.inline(text).length : 0) - count * typeName(hint).length - DEFINITION;
      if (!isRecursive && saved <= 0) continue;
      let name = typeName(hint);
      for (let n = 2; taken.has(name); n++) name = `${typeName(hint)}${n}`;
      taken.add(name);
      names.set(id, name);
    }
    const types = [...names].map(
      ([id, name]) =>
        `type ${name} = ${this.#expand(this.#entries[id]!.text, names, [{ ...this.#entries[id]!, name }])}`,
    );
    const writtenComments = new Set<string>();
    const once = (text: string) =>
      text.replace(COMMENT, (whole, _, comment: string) => {
        if (writtenComments.has(whole)) return '';
        writtenComments.add(whole);
        return comment;
      });
    const written = [...types, ...texts.map((text) => this.#expand(text, names, []))].map(once);
    return { types: written.slice(0, types.length), texts: written.slice(types.length) };
  }

  /** How often each type is used, by the texts and by the types that these use; in the order of their first use. */
  #uses(texts: readonly string[]): Map<number, number> {
    const uses = new Map<number, number>();
    const rest = [...texts].reverse();
    for (let text = rest.pop(); text !== undefined; text = rest.pop()) {
      for (const [, id] of text.matchAll(MARK)) {
        if (id === undefined) continue;
        const count = uses.get(Number(id)) ?? 0;
        uses.set(Number(id), count + 1);
        if (count === 0) rest.push(this.#entries[Number(id)]!.text);
      }
    }
    return uses;
  }

  #expand(text: string, names: ReadonlyMap<number, string>, inside: readonly { hint: string; name: string }[]): string {
    return text.replace(MARK, (mark, id: string | undefined, self: string | undefined, at: number) => {
      if (id === undefined) return inside.findLast(({ hint }) => hint === self)?.name ?? typeName(self ?? '');
      const name = names.get(Number(id));
      if (name !== undefined) return name;
      const entry = this.#entries[Number(id)]!;
      const { hint, isRecursive } = entry;
      const written = this.#expand(
        entry.text,
        names,
        isRecursive ? [...inside, { hint, name: typeName(hint) }] : inside,
      );
      const isList = text.startsWith('[]', at + mark.length);
      return isList && / \| /.test(entry.text) && !entry.text.startsWith('{') ? `(${written})` : written;
    });
  }
}

/** `crm.list_deals` → `CrmListDeals`. */
function typeName(hint: string): string {
  const words = hint.split(/[^\p{L}\p{N}]+/u).filter(Boolean);
  const name = words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
  return /^\p{L}/u.test(name) ? name.slice(0, 40) : `Type${name}`.slice(0, 40);
}
