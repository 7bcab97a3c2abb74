import { EventEmitter } from 'node:events';
import type pg from 'pg';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Hub } from './hub.ts';

const log = { debug() {}, info() {}, warn() {}, error() {} };

/** A connection that listens, then answers nothing more: each query fails after the query timeout, and it stays open. */
class Hanging extends EventEmitter {
  ended = false;

  async query(query: unknown): Promise<void> {
    if (typeof query !== 'string' || !query.includes('LISTEN')) throw new Error('Query read timeout');
  }

  async end(): Promise<void> {
    this.ended = true;
    this.emit('end');
  }
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('a listening connection that does not answer is closed, and another one listens', async () => {
  const opened: Hanging[] = [];
  const connect = async () => {
    opened.push(new Hanging());
    return opened.at(-1) as unknown as pg.Client;
  };
  const hub = new Hub({} as pg.Pool, connect, log);
  await hub.start();
  await vi.advanceTimersByTimeAsync(6000);
  expect(opened.map(({ ended }) => ended)).toEqual([true, false]);
  await hub.stop();
});

test('a busy process notifies every 20 ms, and at once that a run is due', async () => {
  const begun = performance.now();
  const sent: [at: number, channels: string[]][] = [];
  const client = Object.assign(new EventEmitter(), {
    async query(query: { values: [string[], string[]] } | string) {
      if (typeof query !== 'string') sent.push([performance.now() - begun, query.values[0]]);
    },
    async end() {},
  });
  const hub = new Hub({} as pg.Pool, async () => client as unknown as pg.Client, log);
  await hub.start();
  for (let ms = 0; ms < 40; ms++) {
    hub.announceChange({ workspaceId: 'w', runId: `r${ms}` });
    if (ms === 30) hub.announceDue();
    await vi.advanceTimersByTimeAsync(1);
  }
  await vi.advanceTimersByTimeAsync(100);
  const events = ['errand_events'];
  expect(sent).toEqual([
    [3, events],
    [23, events],
    [33, ['errand_due', ...events]],
    [53, events],
  ]);
  await hub.stop();
});
