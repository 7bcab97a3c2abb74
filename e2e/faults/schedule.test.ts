// The schedule of a seed: changes of the primary, and the faults that must not meet them.
import { expect, test } from 'vitest';
import { changesOf, isChange, scheduleOf } from './schedule.ts';

const seeds = Array.from({ length: 40 }, (_, i) => i + 1);
const scheduled = (seed: number) => scheduleOf(seed, 60_000, { http: 2, workers: 2 });

test.each(seeds)('seed %i has failovers and switchovers, in turn', (seed) => {
  const kinds = scheduled(seed)
    .filter(isChange)
    .map(({ kind }) => kind);
  expect(kinds.length).toBeGreaterThan(2);
  expect(kinds).toEqual(kinds.map((_, i) => kinds[i % 2]));
  expect(new Set(kinds).size).toBe(2);
});

test.each(seeds)('in seed %i nothing stops the primary or all connections while it changes', (seed) => {
  const faults = scheduled(seed);
  const stops = faults.filter(
    (fault) => fault.kind === 'postmaster' || ('forMs' in fault && 'who' in fault && fault.who === 'all'),
  );
  for (const change of faults.filter(isChange))
    for (const { at } of stops) expect(at < change.at || at > change.at + 5000).toBe(true);
});

test.each(seeds)('seed %i deploys all processes twice, in the same order', (seed) => {
  const rolls = scheduled(seed).filter((fault) => fault.kind === 'roll');
  expect(rolls.map(({ to, who }) => [to, who.toSorted()])).toEqual([0, 1].map(() => ['present', [0, 1, 2, 3]]));
});

test.each(seeds)(
  'in seed %i the primary does not change while half of the processes are of the last release',
  (seed) => {
    const faults = scheduleOf(seed, 60_000, { http: 2, workers: 2, beside: true });
    const [there, back] = faults.filter((fault) => fault.kind === 'roll');
    expect([there!.to, back!.to, back!.who, there!.who.length]).toEqual(['release', 'present', there!.who, 2]);
    const changes = faults.filter(isChange);
    expect(changes.length).toBeGreaterThan(0);
    expect(changes.filter(({ at }) => at > there!.at && at < back!.at)).toEqual([]);
  },
);

test('ten failovers and ten switchovers come in turn, at the same times for the same seed', () => {
  const changes = changesOf(3, 10);
  expect(changes.map(({ kind }) => kind)).toEqual(
    Array.from({ length: 20 }, (_, i) => (i % 2 ? 'switchover' : 'failover')),
  );
  expect(changesOf(3, 10)).toEqual(changes);
  expect(changes.some((change) => change.kind === 'switchover' && change.misledMs > 0)).toBe(true);
});
