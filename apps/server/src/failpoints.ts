import type { Failpoint, Faults } from '@errand/engine';
import { ConfigError } from './config/setting.ts';

const NAME = 'ERRAND_FAULTS';
const points = ['create.after', 'claim.after', 'append.after', 'call.before', 'call.after', 'end.after'] as const;
const REQUIREMENT =
  `must be a list such as kill=call.after:0.02,seed=7: failpoints (${points.join(', ')}) with a chance from 0 to 1, and a ` +
  'whole number. It can end this process; it cannot disable a rule.';

export type FaultSetting = { kill: Map<Failpoint, number>; seed: number };

/** Parses ERRAND_FAULTS. @throws ConfigError */
export function parseFaults(value: string | undefined): FaultSetting | undefined {
  if (value === undefined) return undefined;
  const kill = new Map<Failpoint, number>();
  let seed = 1;
  for (const part of value.split(',')) {
    const [, kind, word, chance] = /^(kill|seed)=([a-z_.]+|\d{1,9})(?::(0(?:\.\d+)?|1))?$/.exec(part.trim()) ?? [];
    const point = points.find((candidate) => candidate === word);
    if (kind === 'kill' && point && chance !== undefined) kill.set(point, Number(chance));
    else if (kind === 'seed' && /^\d+$/.test(word!) && chance === undefined) seed = Number(word);
    else throw new ConfigError(NAME, REQUIREMENT);
  }
  return { kill, seed };
}

/** Implements the engine's port: kills this process at a failpoint, with the chance of that failpoint, like a power failure. */
export function createFaults({ kill, seed }: FaultSetting): Faults {
  const random = mulberry32(seed);
  return {
    at(point) {
      const chance = kill.get(point);
      // With SIGKILL no handler runs and no buffer is flushed.
      if (chance !== undefined && random() < chance) process.kill(process.pid, 'SIGKILL');
    },
  };
}

/** Pseudorandom numbers from 0 to 1 (mulberry32), the same for the same seed. */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
