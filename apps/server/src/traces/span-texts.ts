import type { Redactor } from '@errand/basics/redactor';
import type { Json } from '@errand/contracts';
import { jsonBeginning } from './json-beginning.ts';

const MAX_CHARS = 256;
const MAX_CONTENT_CHARS = 8192;

export const bounded = (text: string, max = MAX_CHARS): string =>
  text.length <= max ? text : text.slice(0, max).toWellFormed();

/** The texts of spans: bounded, and without secrets. */
export class SpanTexts {
  constructor(private readonly redactor: Pick<Redactor, 'redact' | 'redactName' | 'longest'>) {}

  /** A name, code or path template. @param max maximum number of characters */
  name(text: string, max = MAX_CHARS): string {
    return this.#beginning(text, max, this.redactor.redactName);
  }

  /** The JSON text of arguments or a result. */
  content(value: Json): string {
    const text = jsonBeginning(value, MAX_CONTENT_CHARS + this.redactor.longest());
    return this.#beginning(text, MAX_CONTENT_CHARS, this.redactor.redact);
  }

  /** Redacts before it cuts: a secret at the border would lose its end and be missed. */
  #beginning(text: string, max: number, redact: (text: string) => string): string {
    const margin = this.redactor.longest();
    if (text.length < max + margin) return bounded(redact(text), max);
    const redacted = redact(text.slice(0, max + margin));
    // A secret at the end of the slice has lost its end. Other secrets may be longer than the text that replaces them.
    return redacted.slice(0, Math.max(0, Math.min(max, redacted.length - margin))).toWellFormed();
  }
}
