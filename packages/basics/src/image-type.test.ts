import { expect, test } from 'vitest';
import { imageTypeOf } from './image-type.ts';

const PNG = '89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489';

test.each([
  ['a PNG', PNG, 'image/png'],
  ['an ICO', `00000100010010100000010020000000000000000000${'00'.repeat(8)}`, 'image/vnd.microsoft.icon'],
  ['a WebP', '52494646240000005745425056503820', 'image/webp'],
  ['a lossless WebP', '5249464624000000574542505650384c', 'image/webp'],
  ['the signature of a PNG alone', '89504e470d0a1a0a', undefined],
  [
    'HTML after the signature of a PNG',
    `89504e470d0a1a0a${Buffer.from('<script>alert(1)').toString('hex')}`,
    undefined,
  ],
  ['an ICO without icons', `000001000000${'00'.repeat(30)}`, undefined],
  ['a cursor', `000002000100${'00'.repeat(30)}`, undefined],
  ['a sound', '52494646240000005741564556503820', undefined],
  ['an SVG', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>').toString('hex'), undefined],
  ['a GIF', Buffer.from('GIF89a......................').toString('hex'), undefined],
  ['nothing', '', undefined],
])('%s is told by its first bytes', (_, hex, type) => {
  expect(imageTypeOf(Buffer.from(hex, 'hex'))).toBe(type);
});
