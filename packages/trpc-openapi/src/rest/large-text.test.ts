import type { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { toTextBody } from './large-text.ts';

const read = async (body: string | Readable) => {
  if (typeof body === 'string') return { text: body, largest: body.length };
  const parts: Buffer[] = [];
  for await (const part of body) parts.push(part as Buffer);
  return { text: Buffer.concat(parts).toString(), largest: Math.max(...parts.map((part) => part.length)) };
};

test('a small text is sent as it is', () => {
  expect(toTextBody(['{"a":', '1', '}'])).toBe('{"a":1}');
});

test.each(['x', 'ä', '😀'])('a large text of %s goes out whole, a little at a time', async (letter) => {
  const parts = ['"', letter.repeat(300_001), '', `${letter}"`, letter.repeat(10), letter.repeat(65_535)];
  const { text, largest } = await read(toTextBody(parts));
  expect(text === parts.join('')).toBe(true);
  expect(largest).toBeLessThanOrEqual(3 * 64 * 1024);
});
