import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Output } from '@errand/plan';

/** Bytes of answers that are searched; later answers are not. */
const MAX_BYTES = 2 * 1024 * 1024;
/** Characters searched before the event loop gets a turn. */
const LETTERS_A_TURN = 2 * 1024 * 1024;
const NUMBER = /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

type Answers = {
  all: () => readonly Output[];
  withTexts: <T>(outputs: readonly Output[], use: (texts: readonly string[]) => Promise<T>) => Promise<T>;
};

export class AnswerIndex {
  readonly #known = new Map<Output, string>();
  #bytes = 0;
  /** Reads new answers one after another, so a search that begins during a read includes its answers. */
  #learning: Promise<void> = Promise.resolve();

  constructor(private readonly answers: Answers) {}

  /** For each value: `member` if an answer has it as a whole value, `within` if it only occurs in a longer text. */
  async find(values: readonly string[]): Promise<Map<string, 'member' | 'within'>> {
    this.#learning = this.#learning.catch(() => {}).then(() => this.#learn());
    await this.#learning;
    const texts = [...this.#known.values()];
    const occurrences = new Map<string, 'member' | 'within'>();
    let letters = 0;
    for (const value of new Set(values)) {
      for (const text of texts) {
        const at = occurrence(value, text);
        if (at && occurrences.get(value) !== 'member') occurrences.set(value, at);
        letters += text.length;
        if (at === 'member') break;
      }
      if (letters < LETTERS_A_TURN) continue;
      await nextTurn();
      letters = 0;
    }
    return occurrences;
  }

  async #learn(): Promise<void> {
    const fresh = this.answers.all().filter((output) => {
      if (this.#known.has(output) || this.#bytes + output.bytes > MAX_BYTES) return false;
      this.#bytes += output.bytes;
      return true;
    });
    if (fresh.length === 0) return;
    await this.answers.withTexts(fresh, async (texts) => {
      for (const [index, text] of texts.entries()) this.#known.set(fresh[index]!, text);
    });
  }
}

/** Where a JSON text contains a value. The text itself is searched: a set of its members would take many times the memory. */
function occurrence(value: string, text: string): 'member' | 'within' | undefined {
  const written = JSON.stringify(value).slice(1, -1);
  if (written === '') return undefined;
  const texts = new TextsOf(text);
  const isNumber = NUMBER.test(value);
  let at = text.indexOf(written);
  if (at < 0) return undefined;
  for (; at >= 0; at = text.indexOf(written, at + written.length)) {
    const end = at + written.length;
    // A quote inside a text follows a backslash.
    if (text[at - 1] === '"' && text[at - 2] !== '\\' && text[end] === '"') return 'member';
    if (isNumber && /[[:,\s]/.test(text[at - 1] ?? ',') && /[\]},\s]/.test(text[end] ?? ',') && !texts.include(at))
      return 'member';
  }
  return 'within';
}

/** The string literals of a JSON text, read once from start to end. */
class TextsOf {
  #at = 0;
  #isIn = false;

  constructor(private readonly json: string) {}

  /** Whether a position is inside a string literal. Positions must ascend. */
  include(position: number): boolean {
    for (; this.#at < position; this.#at++) {
      const sign = this.json[this.#at];
      if (sign === '\\') this.#at++;
      else if (sign === '"') this.#isIn = !this.#isIn;
    }
    return this.#isIn;
  }
}
