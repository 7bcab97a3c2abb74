/**
 * A message between a process and its child: the number of its bytes, the number of its texts, the length of each text in bytes, and the
 * texts in UTF-8. Numbers are 32 bits, little-endian.
 */
const WORD = 4;
const MAX_TEXTS = 16;

/** A frame that does not follow the format, or that is larger than its reader accepts. */
export class FrameError extends Error {
  override readonly name = 'FrameError';
}

export function encodeFrame(texts: readonly string[]): Buffer {
  const lengths = texts.map((text) => Buffer.byteLength(text));
  let at = WORD * (2 + texts.length);
  const frame = Buffer.allocUnsafe(lengths.reduce((sum, length) => sum + length, at));
  frame.writeUInt32LE(frame.length, 0);
  frame.writeUInt32LE(texts.length, WORD);
  for (const [index, length] of lengths.entries()) frame.writeUInt32LE(length, WORD * (2 + index));
  for (const text of texts) at += frame.write(text, at, 'utf8');
  return frame;
}

/** @throws FrameError when the lengths do not add up to the frame */
export function decodeFrame(frame: Buffer): string[] {
  const count = frame.length < 2 * WORD ? MAX_TEXTS + 1 : frame.readUInt32LE(WORD);
  let at = WORD * (2 + count);
  if (count > MAX_TEXTS || frame.length < at) throw new FrameError('The frame has no valid head.');
  const texts: string[] = [];
  for (let index = 0; index < count; index += 1) {
    const end = at + frame.readUInt32LE(WORD * (2 + index));
    if (end > frame.length) throw new FrameError('A text of the frame ends beyond it.');
    texts.push(frame.toString('utf8', at, end));
    at = end;
  }
  if (at !== frame.length) throw new FrameError('The frame is longer than its texts.');
  return texts;
}

/** Collects one frame from the chunks of a stream. A peer that sends more than the one frame is at fault. */
export class FrameReader {
  #chunks: Buffer[] = [];
  #bytes = 0;

  constructor(private readonly maxBytes: number) {}

  /**
   * @returns the texts of the frame when the chunk completes it, else undefined
   * @throws FrameError when the frame is invalid or larger than `maxBytes`, or when bytes follow it
   */
  push(chunk: Buffer): string[] | undefined {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    if (this.#bytes < WORD) return undefined;
    if (this.#chunks[0]!.length < WORD) this.#chunks = [Buffer.concat(this.#chunks)];
    const expected = this.#chunks[0]!.readUInt32LE(0);
    if (expected > this.maxBytes) throw new FrameError(`The frame has more than ${this.maxBytes} bytes.`);
    if (this.#bytes > expected) throw new FrameError('Bytes follow the frame.');
    if (this.#bytes < expected) return undefined;
    const frame = this.#chunks.length === 1 ? this.#chunks[0]! : Buffer.concat(this.#chunks);
    this.#chunks = [];
    this.#bytes = 0;
    return decodeFrame(frame);
  }
}
