import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Output, WithTexts } from '@errand/plan';

/** Bytes of answers that are searched; later answers are not. */
const MAX_BYTES = 2 * 1024 * 1024;
/** Characters searched before the event loop gets a turn. */
const CHARACTERS_PER_TURN = 2 * 1024 * 1024;
const NUMBER = /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

type AnswerSource = {
  all: () => readonly Output[];
  withTexts: WithTexts;
};

/** Searches the answers of the calls of a run for the values of a new call. */
export class AnswerIndex {
  readonly #texts = new Map<Output, string>();
  #bytes = 0;
  /** Reads new answers one after another, so a search that begins during a read includes its answers. */
  #reading: Promise<void> = Promise.resolve();

  constructor(private readonly answers: AnswerSource) {}

  /** For each value: `member` if an answer has it as a whole value, `within` if it only occurs in a longer text. */
  async find(values: readonly string[]): Promise<Map<string, 'member' | 'within'>> {
    this.#reading = this.#reading.catch(() => {}).then(() => this.#readNew());
    await this.#reading;
    const texts = [...this.#texts.values()];
    const occurrences = new Map<string, 'member' | 'within'>();
    let letters = 0;
    for (const value of new Set(values)) {
      for (const text of texts) {
        const at = occurrence(value, text);
        if (at && occurrences.get(value) !== 'member') occurrences.set(value, at);
        letters += text.length;
        if (at === 'member') break;
      }
      if (letters < CHARACTERS_PER_TURN) continue;
      await nextTurn();
      letters = 0;
    }
    return occurrences;
  }

  async #readNew(): Promise<void> {
    const fresh = this.answers.all().filter((output) => {
      if (this.#texts.has(output) || this.#bytes + output.bytes > MAX_BYTES) return false;
      this.#bytes += output.bytes;
      return true;
    });
    if (fresh.length === 0) return;
    await this.answers.withTexts(fresh, async (texts) => {
      for (const [index, text] of texts.entries()) this.#texts.set(fresh[index]!, text);
    });
  }
}

/** Where a JSON text contains a value. The text itself is searched: a set of its members would take many times the memory. */
function occurrence(value: string, text: string): 'member' | 'within' | undefined {
  const written = JSON.stringify(value).slice(1, -1);
  if (written === '') return undefined;
  const literals = new StringLiterals(text);
  const isNumber = NUMBER.test(value);
  let at = text.indexOf(written);
  if (at < 0) return undefined;
  for (; at >= 0; at = text.indexOf(written, at + written.length)) {
    const end = at + written.length;
    // A quote inside a text follows a backslash.
    if (text[at - 1] === '"' && text[at - 2] !== '\\' && text[end] === '"') return 'member';
    if (isNumber && /[[:,\s]/.test(text[at - 1] ?? ',') && /[\]},\s]/.test(text[end] ?? ',') && !literals.contain(at))
      return 'member';
  }
  return 'within';
}

/** The string literals of a JSON text, read once from start to end. */
class StringLiterals {
  #at = 0;
  #isInside = false;

  constructor(private readonly json: string) {}

  /** Whether a position is inside a string literal. Positions must ascend. */
  contain(position: number): boolean {
    for (; this.#at < position; this.#at++) {
      const character = this.json[this.#at];
      if (character === '\\') this.#at++;
      else if (character === '"') this.#isInside = !this.#isInside;
    }
    return this.#isInside;
  }
}
