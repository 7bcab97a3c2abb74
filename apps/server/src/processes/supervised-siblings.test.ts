import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { ToSupervisor } from './messages.ts';
import { SupervisedSiblings } from './supervised-siblings.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function aSibling(maxWaiting?: number) {
  const sent: ToSupervisor[] = [];
  const onSent: (() => void)[] = [];
  const siblings = new SupervisedSiblings(
    'm',
    (message, then = () => {}) => {
      sent.push(message);
      onSent.push(then);
    },
    maxWaiting,
  );
  const heard: string[] = [];
  siblings.listen({
    onLines: (from, lines) => void heard.push(...lines.map((line) => `${from} ${line}`)),
    onJoined: (id) => void heard.push(`joined ${id}`),
    onGone: (id) => void heard.push(`gone ${id}`),
    onLost: (from) => void heard.push(`lost ${from}`),
  });
  const take = () => {
    for (const then of onSent.splice(0)) then();
  };
  return { siblings, sent, heard, take };
}

test('lines of one turn go in one message, later ones after the window', async () => {
  const { siblings, sent } = aSibling();
  siblings.receive({ kind: 'joined', id: 2 });
  siblings.receive({ kind: 'joined', id: 3 });
  siblings.send(2, 'a');
  siblings.send(2, 'b');
  siblings.send(3, 'c');
  await vi.advanceTimersByTimeAsync(0);
  siblings.send(2, 'd');
  await vi.advanceTimersByTimeAsync(5);
  expect(sent).toEqual([
    {
      kind: 'frames',
      frames: [
        [2, 'a\nb'],
        [3, 'c'],
      ],
    },
  ]);
  await vi.advanceTimersByTimeAsync(5);
  expect(sent.at(-1)).toEqual({ kind: 'frames', frames: [[2, 'd']] });
});

test('it passes on lines, arrivals and ends of siblings, and who leads', () => {
  const { siblings, heard } = aSibling();
  expect(siblings.isLeader()).toBe(false);
  siblings.receive({ kind: 'joined', id: 2 });
  siblings.receive({ kind: 'leader', isLeader: true });
  siblings.receive({ kind: 'lines', from: 2, text: 'a\nb' });
  siblings.receive({ kind: 'lost', from: 2 });
  expect([siblings.isLeader(), siblings.ids()]).toEqual([true, [2]]);
  siblings.receive({ kind: 'gone', id: 2 });
  expect(heard).toEqual(['joined 2', '2 a', '2 b', 'lost 2', 'gone 2']);
  expect(siblings.ids()).toEqual([]);
});

test('lines above the limit are dropped, and reported once the others have left', async () => {
  const { siblings, sent, take } = aSibling(4);
  siblings.receive({ kind: 'joined', id: 2 });
  siblings.send(2, 'four');
  siblings.send(2, 'x');
  await vi.advanceTimersByTimeAsync(0);
  expect(sent).toEqual([{ kind: 'frames', frames: [[2, 'four']] }]);
  take();
  expect(sent.at(-1)).toEqual({ kind: 'lost' });
});
