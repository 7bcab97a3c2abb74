// A parent and a compromised child: the child's messages cannot do more than answer the pending request.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { decodeFrame, encodeFrame, FrameReader, textsOf } from './frame.ts';
import { type ChildEnd, KillableChild } from './killable-child.ts';

const MAX_BYTES = 1024;

/** Runs a program as a child, gives it a message, and waits for its end. */
async function run(program: string, onMessage = (_: readonly string[]) => {}) {
  const folder = mkdtempSync(join(tmpdir(), 'errand-child-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'child.mjs');
  writeFileSync(file, `import { readSync, writeSync } from 'node:fs';\n${program}`);
  const messages: (readonly string[])[] = [];
  const end = await new Promise<ChildEnd>((resolve) => {
    const child = new KillableChild(
      pathToFileURL(file),
      { heapMb: 64, stackMb: 2, maxBytes: MAX_BYTES },
      {
        onMessage: (parts) => {
          const texts = textsOf(parts);
          messages.push(texts);
          onMessage(texts);
        },
        onEnd: resolve,
      },
    );
    child.send(encodeFrame(['work']));
  });
  return { messages, end };
}

const bytes = (frame: Buffer) => `writeSync(3, Buffer.from('${frame.toString('hex')}', 'hex'));`;
const WAIT = 'setInterval(() => {}, 1000);';

test('a message arrives as it was sent, also in pieces', async () => {
  const texts = ['', 'é€😀\0', 'x'.repeat(300)];
  const frame = encodeFrame(texts);
  const inPieces = [...frame].map((byte) => bytes(Buffer.from([byte]))).join('');
  expect(await run(inPieces)).toEqual({ messages: [texts], end: { code: 0, signal: null } });
});

test.each([
  ['larger than it may be', Buffer.from([0xff, 0xff, 0xff, 0xff]), 'The frame has more than 1024 bytes.'],
  ['that has more parts than it may', Buffer.from('08000000ffffffff', 'hex'), 'The frame has no valid head.'],
  ['of no bytes', Buffer.alloc(8), 'Bytes follow the frame.'],
  ['whose part ends beyond it', Buffer.from('0c00000001000000ff000000', 'hex'), 'A part of the frame ends beyond it.'],
  [
    'with bytes behind its parts',
    Buffer.from('0d0000000100000000000000aa', 'hex'),
    'The frame is longer than its parts.',
  ],
  ['that comes twice at once', Buffer.concat([encodeFrame(['a']), encodeFrame(['a'])]), 'Bytes follow the frame.'],
])('a child that sends a message %s is killed', async (_, sent, message) => {
  const { messages, end } = await run(`${bytes(sent)}${WAIT}`);
  expect(messages).toEqual([]);
  expect(end).toMatchObject({ signal: 'SIGKILL', fault: { message } });
});

test('a child that sends a message that its parent does not expect is killed, and later ones are not read', async () => {
  const many = `for (let n = 0; n < 1000; n += 1) ${bytes(encodeFrame(['again']))}${WAIT}`;
  const { messages, end } = await run(many, () => {
    throw new Error('nothing waits for it');
  });
  expect(messages.length).toBeLessThanOrEqual(1);
  expect(end).toMatchObject({ signal: 'SIGKILL', fault: expect.any(Error) });
});

test('the output of a child is discarded', async () => {
  const { end } = await run(
    `console.error('x'.repeat(1e6)); console.log('y'.repeat(1e6)); ${bytes(encodeFrame(['done']))}`,
  );
  expect(end).toEqual({ code: 0, signal: null });
});

test('a child without a program file ends with an exit code', async () => {
  const end = await new Promise<ChildEnd>((resolve) => {
    const options = { heapMb: 64, stackMb: 2, maxBytes: MAX_BYTES };
    new KillableChild(new URL('file:///nowhere/child.mjs'), options, { onMessage: () => {}, onEnd: resolve });
  });
  expect(end).toEqual({ code: 1, signal: null });
});

test('a frame is read back as it was made', () => {
  for (const texts of [[], ['a'], ['', ''], ['ü', '𝄞', '\ud7ff']])
    expect(textsOf(decodeFrame(encodeFrame(texts)))).toEqual(texts);
  const bytes = Buffer.from([0xff, 0x00, 0xc3]);
  expect(decodeFrame(encodeFrame(['head', bytes]))).toEqual([Buffer.from('head'), bytes]);
  const reader = new FrameReader(1 << 20);
  const large = 'é'.repeat(100_000);
  const frame = encodeFrame([large]);
  expect(reader.push(frame.subarray(0, 3))).toBeUndefined();
  expect(reader.push(frame.subarray(3, 70_000))).toBeUndefined();
  expect(textsOf(reader.push(frame.subarray(70_000))!)).toEqual([large]);
  expect(textsOf(reader.push(encodeFrame(['next']))!)).toEqual(['next']);
});
