import { EventEmitter } from 'node:events';
import type { WorkerEvents } from 'graphile-worker';
import { beforeEach, expect, test } from 'vitest';
import { Looks } from './looks.ts';

let events: WorkerEvents;
/** What the queue's runner has: the count of hands that were sent, and how an announcement reaches it. */
let pool: { sent: number; nudge: (count: number) => void };

beforeEach(() => {
  events = new EventEmitter() as WorkerEvents;
  new Looks(events);
  pool = {
    sent: 0,
    nudge(count) {
      this.sent += count;
      for (let i = 0; i < count; i++) emit('worker:getJob:start');
    },
  };
  emit('pool:create', { workerPool: pool });
});

const emit = (name: string, payload: object = {}) => (events as EventEmitter).emit(name, payload);

test('one announced job sends one hand', () => {
  pool.nudge(1);
  expect(pool.sent).toBe(1);
  emit('job:start');
  expect(pool.sent).toBe(1);
});

test('of many announced at once two go, and others as those come back with a job', () => {
  for (let i = 0; i < 10; i++) pool.nudge(1);
  expect(pool.sent).toBe(2);
  for (let i = 0; i < 10; i++) emit('job:start');
  expect(pool.sent).toBe(10);
});

test('a hand that finds nothing ends the looking, unless a job was announced while it was away', () => {
  pool.nudge(5);
  expect(pool.sent).toBe(2);
  emit('worker:getJob:empty');
  emit('worker:getJob:empty');
  expect(pool.sent).toBe(2);
  pool.nudge(1);
  pool.nudge(1);
  expect(pool.sent).toBe(4);
  pool.nudge(1); // both may have looked already
  emit('worker:getJob:empty');
  expect(pool.sent).toBe(5);
});

test('a look that fails does not stop those to come', () => {
  pool.nudge(3);
  emit('worker:getJob:error');
  emit('worker:getJob:error');
  pool.nudge(1);
  expect(pool.sent).toBeGreaterThan(2);
});
