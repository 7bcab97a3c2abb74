/**
 * A message between a process and its child: the number of its bytes, the number of its parts, the length of each part in bytes, and the
 * parts. A part is a text in UTF-8, or bytes. Numbers are 32 bits, little-endian.
 */
const WORD = 4;
const MAX_PARTS = 16;

/** A frame that does not follow the format, or that is larger than its reader accepts. */
export class FrameError extends Error {
  override readonly name = 'FrameError';
}

export type Part = string | Uint8Array;

export function encodeFrame(parts: readonly Part[]): Buffer {
  const lengths = parts.map((part) => Buffer.byteLength(part));
  let at = WORD * (2 + parts.length);
  const frame = Buffer.allocUnsafe(lengths.reduce((sum, length) => sum + length, at));
  frame.writeUInt32LE(frame.length, 0);
  frame.writeUInt32LE(parts.length, WORD);
  for (const [index, length] of lengths.entries()) frame.writeUInt32LE(length, WORD * (2 + index));
  for (const [index, part] of parts.entries()) {
    if (typeof part === 'string') frame.write(part, at, 'utf8');
    else frame.set(part, at);
    at += lengths[index]!;
  }
  return frame;
}

/** The parts of a frame, which share its memory. @throws FrameError when the lengths do not add up to the frame */
export function decodeFrame(frame: Buffer): Buffer[] {
  const count = frame.length < 2 * WORD ? MAX_PARTS + 1 : frame.readUInt32LE(WORD);
  let at = WORD * (2 + count);
  if (count > MAX_PARTS || frame.length < at) throw new FrameError('The frame has no valid head.');
  const parts: Buffer[] = [];
  for (let index = 0; index < count; index += 1) {
    const end = at + frame.readUInt32LE(WORD * (2 + index));
    if (end > frame.length) throw new FrameError('A part of the frame ends beyond it.');
    parts.push(frame.subarray(at, end));
    at = end;
  }
  if (at !== frame.length) throw new FrameError('The frame is longer than its parts.');
  return parts;
}

/** The parts of a message, all of which are texts. */
export const textsOf = (parts: readonly Buffer[]): string[] => parts.map((part) => part.toString());

/** Collects one frame from the chunks of a stream. A peer that sends more than the one frame is at fault. */
export class FrameReader {
  #chunks: Buffer[] = [];
  #bytes = 0;

  constructor(private readonly maxBytes: number) {}

  /**
   * @returns the parts of the frame when the chunk completes it, else undefined
   * @throws FrameError when the frame is invalid or larger than `maxBytes`, or when bytes follow it
   */
  push(chunk: Buffer): Buffer[] | undefined {
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
