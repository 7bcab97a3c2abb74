import { stripHidden } from '../../execute/clean.ts';
import type { Finding } from './document.ts';
import { limits } from './limits.ts';

/** The faults of a document that do not prevent its use, each once. */
export class Warnings {
  readonly #lines: string[] = [];
  #omitted = 0;

  readonly add = (pointer: string, message: string): void => {
    const line = stripHidden(`${pointer || '/'}: ${message}`)
      .slice(0, limits.warningLength)
      .toWellFormed();
    if (this.#lines.length >= limits.warnings) this.#omitted++;
    else if (!this.#lines.includes(line)) this.#lines.push(line);
  };

  get all(): string[] {
    return this.#omitted > 0 ? [...this.#lines, `/: ${this.#omitted} further warnings are not shown.`] : this.#lines;
  }

  get findings(): Finding[] {
    return this.#lines.slice(0, 20).map((line) => {
      const colon = line.indexOf(': ');
      return { pointer: line.slice(0, colon).replace(/^\/$/, ''), message: line.slice(colon + 2) };
    });
  }
}
