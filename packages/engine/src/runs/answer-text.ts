/** Bytes that one answer may have. What is more stands by reference, or on a further page. */
export const ANSWER_BYTES = 8 * 1024 * 1024;

/** Bytes of calls that one frame of a stream shows whole; what is more stands by reference. */
export const FRAME_BYTES = 1024 * 1024;

/** An answer as pieces of its JSON text: what Postgres gave is passed on without being parsed. */
export class AnswerText<T> {
  declare readonly type: T;

  constructor(readonly pieces: readonly string[]) {}

  get text(): string {
    return this.pieces.join('');
  }

  value(): T {
    return JSON.parse(this.text) as T;
  }

  /** The same with one more member; it must be an object that has some. */
  with<M extends object>(member: M): AnswerText<T & M> {
    const last = this.pieces.at(-1)!;
    return new AnswerText([...this.pieces.slice(0, -1), `${last.slice(0, -1)},${members(member)}}`]);
  }
}

/** The members of an object as JSON text, without its braces; those that are undefined are left out. */
export const members = (value: object): string => JSON.stringify(value).slice(1, -1);

export const bytesOf = (text: string): number => Buffer.byteLength(text);
