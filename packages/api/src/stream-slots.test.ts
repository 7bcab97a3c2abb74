import { expect, test } from 'vitest';
import { StreamSlots } from './stream-slots.ts';

test('a key has so many streams and gets a place back once for each that ends', () => {
  const slots = new StreamSlots({ ofOneKey: 2, inAll: 3 });
  const first = slots.take('a');
  slots.take('a');
  expect(() => slots.take('a')).toThrow(expect.objectContaining({ code: 'too_many_streams' }));
  slots.take('b');
  expect(() => slots.take('c')).toThrow(expect.objectContaining({ code: 'unavailable' }));
  first();
  first();
  slots.take('a');
  expect(() => slots.take('a')).toThrow();
  expect(() => slots.take('c')).toThrow();
});
