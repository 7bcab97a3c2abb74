import type { Output } from '@errand/plan';

/** Bytes of answers that are searched. Values beyond are not found. */
const MAX_BYTES = 2 * 1024 * 1024;
const SCALARS = /"((?:[^"\\]|\\.)*)"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

type Answers = {
  all: () => readonly Output[];
  withTexts: <T>(outputs: readonly Output[], use: (texts: readonly string[]) => Promise<T>) => Promise<T>;
};

/** Finds values in the answers of a run. */
export class AnswerIndex {
  readonly #answers: Answers;
  readonly #known = new Map<Output, { members: ReadonlySet<string>; text: string }>();
  #bytes = 0;

  constructor(answers: Answers) {
    this.#answers = answers;
  }

  /** For each value: `member` if an answer has it as a whole value, `within` if it only occurs in a longer text. */
  async find(values: readonly string[]): Promise<Map<string, 'member' | 'within'>> {
    await this.#learn();
    const found = new Map<string, 'member' | 'within'>();
    for (const value of new Set(values)) {
      const written = JSON.stringify(value).slice(1, -1);
      for (const { members, text } of this.#known.values()) {
        if (members.has(written)) found.set(value, 'member');
        else if (!found.has(value) && text.includes(written)) found.set(value, 'within');
      }
    }
    return found;
  }

  async #learn(): Promise<void> {
    const fresh = this.#answers.all().filter((output) => {
      if (this.#known.has(output) || this.#bytes + output.bytes > MAX_BYTES) return false;
      this.#bytes += output.bytes;
      return true;
    });
    if (fresh.length === 0) return;
    await this.#answers.withTexts(fresh, async (texts) => {
      for (const [index, text] of texts.entries()) {
        const members = [...text.matchAll(SCALARS)].map(([scalar, member]) => member ?? scalar);
        this.#known.set(fresh[index]!, { members: new Set(members), text });
      }
    });
  }
}
