import { describe, expect, test } from 'vitest';
import type { Cluster } from './cluster.ts';
import type { OpenRun } from './queue.ts';
import type { ThirdParty } from './third-party.ts';
import { Watch } from './watch.ts';

const run: OpenRun = {
  runId: 'run-1',
  errand: 'r1',
  status: 'RUNNING',
  lease: null,
  epoch: 1,
  seq: 3,
  decidedYetWaiting: false,
  credentialYetWaiting: false,
  dueYetUnclaimed: false,
  heldFirstTime: false,
};
const aWatch = (isAnswering = false) =>
  new Watch({ members: [] } as unknown as Cluster, { isAnswering: () => isAnswering } as unknown as ThirdParty, 4);

describe('a watch', () => {
  test.each([
    ['decidedYetWaiting', { status: 'PAUSED', decidedYetWaiting: true }],
    ['credentialYetWaiting', { status: 'AUTH_REQUIRED', credentialYetWaiting: true }],
    ['dueYetUnclaimed', { dueYetUnclaimed: true }],
    ['heldYetIdle', { lease: 'pool-1' }],
  ])('reports the duration of a stall: %s', (kind, more) => {
    const watch = aWatch();
    for (const at of [100, 300, 500]) watch.see([{ ...run, ...more }], at);
    watch.see([], 700);
    expect(watch.stalls).toMatchObject([{ kind, runId: 'run-1', from: 100, to: 500 }]);
  });

  test('reports no run that continues, waits for a call, or has no lease', () => {
    const moving = aWatch();
    for (const seq of [3, 4, 5]) moving.see([{ ...run, lease: 'pool-1', seq }], seq * 100);
    const calling = aWatch(true);
    for (const at of [100, 300]) calling.see([{ ...run, lease: 'pool-1' }], at);
    const free = aWatch();
    for (const at of [100, 300]) free.see([run], at);
    for (const watch of [moving, calling, free]) {
      watch.see([], 900);
      expect(watch.stalls).toEqual([]);
    }
  });

  test('counts the maximum of concurrent first leases', () => {
    const watch = aWatch();
    const leased = { ...run, lease: 'pool-1', heldFirstTime: true };
    for (const n of [1, 3, 2]) watch.see(Array(n).fill(leased), n);
    expect(watch.heldFirstTime).toBe(3);
  });

  test('reports two stalls of a run separately', () => {
    const watch = aWatch();
    const leased = { ...run, lease: 'pool-1' };
    for (const [runs, at] of [
      [[leased], 100],
      [[leased], 300],
      [[], 500],
      [[leased], 700],
      [[leased], 900],
      [[], 1100],
    ] as const)
      watch.see(runs, at);
    expect(watch.stalls.map(({ from, to }) => [from, to])).toEqual([
      [100, 300],
      [700, 900],
    ]);
  });
});
