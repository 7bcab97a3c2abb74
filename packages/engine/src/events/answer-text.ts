/** Maximum size of an answer. The rest is given by reference, or on a further page. */
export const ANSWER_BYTES = 8 * 1024 * 1024;

/** Bytes of whole calls in one frame of a stream; further calls are given by reference. */
export const FRAME_BYTES = 1024 * 1024;

/** An answer as pieces of its JSON text, because texts from Postgres are not parsed. */
export class AnswerText<T> {
  declare readonly type: T;

  constructor(readonly pieces: readonly string[]) {}

  get text(): string {
    return this.pieces.join('');
  }

  value(): T {
    return JSON.parse(this.text) as T;
  }

  /** Adds members to the answer, which must be an object with at least one member. */
  with<M extends object>(member: M): AnswerText<T & M> {
    const last = this.pieces.at(-1)!;
    return new AnswerText([...this.pieces.slice(0, -1), `${last.slice(0, -1)},${members(member)}}`]);
  }
}

/** The members of an object as JSON text without braces; omits undefined members. */
export const members = (value: object): string => JSON.stringify(value).slice(1, -1);
