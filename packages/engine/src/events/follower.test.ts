import { expect, test } from 'vitest';
import { ProgressQueue } from './follower.ts';

const takeAll = (queue: ProgressQueue) => {
  const taken: string[] = [];
  for (let json = queue.take(); json !== undefined; json = queue.take()) taken.push(json);
  return taken;
};

test('a repeated call is shown once; another attempt is shown', () => {
  const queue = new ProgressQueue();
  queue.add('a.0', 'first');
  expect(takeAll(queue)).toEqual(['first']);
  queue.add('a.0', 'first');
  expect(takeAll(queue)).toEqual([]);
  queue.add('a.0', 'second');
  expect(takeAll(queue)).toEqual(['second']);
});

test.each([
  ['its call has ended', (queue: ProgressQueue) => queue.remove('a.0')],
  ['its step has ended', (queue: ProgressQueue) => queue.removeStep('{"stepId":"a"}')],
])('nothing is remembered or shown of a call once %s', (_, end) => {
  const queue = new ProgressQueue();
  queue.add('a.0', 'first');
  end(queue);
  expect(takeAll(queue)).toEqual([]);
  queue.add('a.0', 'first');
  expect(takeAll(queue)).toEqual(['first']);
  end(queue);
  queue.add('a.0', 'first');
  expect(takeAll(queue)).toEqual(['first']);
});

test('the newest wait when there are many, and as many are remembered', () => {
  const queue = new ProgressQueue();
  for (let n = 0; n < 1000; n++) queue.add(`a.${n}`, `${n}`);
  expect(takeAll(queue)).toEqual(Array.from({ length: 16 }, (_, n) => `${984 + n}`));
  for (let n = 0; n < 1000; n++) {
    queue.add(`b.${n}`, `${n}`);
    takeAll(queue);
  }
  queue.add('b.999', '999');
  expect(takeAll(queue)).toEqual([]);
  queue.add('b.0', '0');
  expect(takeAll(queue)).toEqual(['0']);
});
