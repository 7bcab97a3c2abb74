import { LAME_DUCK_SECONDS } from './cluster.ts';
import type { Evidence } from './evidence.ts';
import { Case, type Verdict } from './verdict.ts';

const DRAINS_IN_MS = 30_000 + LAME_DUCK_SECONDS * 1000;
/** Growth allowed after work, in MiB and handles: for the connection pool, threads of sandbox and planner, and compiled code. */
const grownBy = { memory: 280, handles: 40 };

export function nothingIsLeft({ facts, fresh, rested }: Evidence): Verdict {
  const it = new Case(
    'I12',
    'at rest there are no leases, no open transactions, and processes use little more than after their start',
  );
  it.expect(facts.leases === 0, () => `${facts.leases} leases`);
  it.expect(facts.openTransactions === 0, () => `${facts.openTransactions} open transactions`);
  for (const { name, memory, handles } of rested) {
    const base = fresh.find((footprint) => footprint.name === name);
    if (!base) continue;
    it.expect(
      memory <= base.memory + grownBy.memory,
      () => `${name} holds ${memory.toFixed(0)} MiB, and ${base.memory.toFixed(0)} when it had started`,
    );
    it.expect(
      handles <= base.handles + grownBy.handles,
      () => `${name} holds ${handles} handles, and ${base.handles} when it had started`,
    );
    it.note(`${name} ${base.memory.toFixed(0)}→${memory.toFixed(0)} MiB, ${base.handles}→${handles} handles`);
  }
  return it.close();
}

export function deploysDrain({ exits, besides }: Evidence): Verdict {
  const it = new Case('I14', 'on SIGTERM a process ends within 30 s after the lame duck time, with 0');
  // A process that is stopped before it is ready has nothing to drain.
  let died = 0;
  for (const { name, code, ms, ready, armed } of exits) {
    if (!ready) continue;
    // It died at its failpoint.
    if (armed && code === null) {
      died++;
      continue;
    }
    it.expect(code === 0 && ms <= DRAINS_IN_MS + 500, () => `${name} ended with ${code} after ${ms} ms`);
  }
  it.note(`longest ${Math.max(0, ...exits.map(({ ms }) => ms))} ms`);
  for (const { from, to } of besides) it.note(`the last release ran for ${((to - from) / 1000).toFixed(1)} s`);
  if (died > 0) it.note(`${died} died at a failpoint while they drained`);
  return it.close();
}
