import { expect, test } from 'vitest';
import type { ToProcess } from './messages.ts';
import { Relay } from './relay.ts';

/** A process that takes messages only when the test lets it. */
function aProcess() {
  const received: ToProcess[] = [];
  const sent: (() => void)[] = [];
  return {
    received,
    send: (message: ToProcess, onSent: () => void = () => {}) => {
      received.push(message);
      sent.push(onSent);
    },
    take: () => {
      for (const onSent of sent.splice(0)) onSent();
    },
    kinds: () => received.map(({ kind }) => kind),
  };
}

test('processes that have started learn of each other, and the first one leads', () => {
  const relay = new Relay();
  const [a, b] = [aProcess(), aProcess()];
  relay.add(1, a);
  relay.add(2, b);
  expect(a.received).toEqual([
    { kind: 'leader', isLeader: true },
    { kind: 'joined', id: 2 },
  ]);
  expect(b.received).toEqual([{ kind: 'joined', id: 1 }]);
});

test('lines go to the named process alone, with their sender', () => {
  const relay = new Relay();
  const [a, b, c] = [aProcess(), aProcess(), aProcess()];
  for (const [id, one] of [a, b, c].entries()) relay.add(id, one);
  relay.pass(0, [
    [2, 'a line'],
    [9, 'for a process that has ended'],
  ]);
  expect(c.received.at(-1)).toEqual({ kind: 'lines', from: 0, text: 'a line' });
  expect(b.kinds()).not.toContain('lines');
});

test('when the leader ends, another process leads, and all learn that it ended', () => {
  const relay = new Relay();
  const [a, b, c] = [aProcess(), aProcess(), aProcess()];
  relay.add(1, a);
  relay.add(2, b);
  relay.add(3, c);
  relay.remove(1);
  expect(relay.leader).toBe(2);
  expect(b.received.slice(-2)).toEqual([
    { kind: 'gone', id: 1 },
    { kind: 'leader', isLeader: true },
  ]);
  expect(c.received.at(-1)).toEqual({ kind: 'gone', id: 1 });
});

test('a leader that is replaced resigns when it wakes; alone it stays', () => {
  const relay = new Relay();
  const a = aProcess();
  relay.add(1, a);
  relay.replaceLeader();
  expect(relay.leader).toBe(1);
  relay.add(2, aProcess());
  relay.replaceLeader();
  expect(relay.leader).toBe(2);
  expect(a.received.at(-1)).toEqual({ kind: 'leader', isLeader: false });
});

test('lines above the limit are dropped, and reported once the waiting ones have left', () => {
  const relay = new Relay(10);
  const b = aProcess();
  relay.add(1, aProcess());
  relay.add(2, b);
  relay.pass(1, [[2, '12345678']]);
  relay.pass(1, [[2, 'too much']]);
  expect(b.kinds().filter((kind) => kind === 'lines')).toHaveLength(1);
  expect(b.kinds()).not.toContain('lost');
  b.take();
  expect(b.received.at(-1)).toEqual({ kind: 'lost', from: 1 });
  relay.pass(1, [[2, '12345678']]);
  expect(b.received.at(-1)).toEqual({ kind: 'lines', from: 1, text: '12345678' });
});
