import type { ChangeRequest } from './pair.ts';
import { CLAIMS, statementsOfHttp, statementsOfWorkers } from './queue.ts';
import { type Random, seeded } from './random.ts';
import type { RollRequest } from './rolls.ts';
import { type Broken, type MomentName, type Trial, trials } from './trials.ts';

/** `who`: the index of a process. Times in ms from the beginning. */
export type Fault =
  | { at: number; kind: 'kill'; who: number; downMs: number }
  | { at: number; kind: 'freeze'; who: number; forMs: number }
  | { at: number; kind: 'deploy'; who: number }
  | { at: number; kind: 'failpoint'; who: number; point: string; chance: number }
  | { at: number; kind: 'killProcess'; who: number; index: number }
  | { at: number; kind: 'freezeProcess'; who: number; index: number; forMs: number }
  | { at: number; kind: 'postmaster'; downMs: number }
  | { at: number; kind: 'backends'; share: number }
  | { at: number; kind: 'cut'; who: number | 'all' }
  | { at: number; kind: 'partition'; who: number | 'all'; how: 'refuse' | 'hang' | 'mute'; forMs: number }
  | { at: number; kind: 'moment'; who: number; which: MomentName }
  | { at: number; kind: 'slow'; who: number | 'all'; ms: number; forMs: number }
  | { at: number; kind: 'flaky'; who: number | 'all'; meanBytes: number; forMs: number }
  | { at: number; kind: 'loseAnswer'; who: number; text: string }
  | ({ at: number } & RollRequest)
  | ({ at: number } & ChangeRequest);

const processFaults = { kill: 30, freeze: 25, deploy: 15, failpoint: 30 };
/** Of a supervisor: also of the processes under it. */
const supervisorFaults = { ...processFaults, killProcess: 60, freezeProcess: 30 };
/** The share of the faults of processes that hit a supervisor or a process under it. */
const SUPERVISOR_SHARE = 0.4;
const databaseFaults = { postmaster: 14, backends: 16, cut: 14, partition: 22, slow: 12, flaky: 10, loseAnswer: 12 };

const ofHttp = ['create.after', 'append.after'];
const ofWorkers = ['claim.after', 'append.after', 'call.before', 'call.after', 'end.after'];

/**
 * The faults and their times: one series for processes, and one for the database and its connections.
 * @param processes `supervised`: the first one is a supervisor; `beside`: deploys are of the last release
 * @param against only the faults that test this rule
 */
export function scheduleOf(
  seed: number,
  ms: number,
  processes: { http: number; workers: number; supervised?: boolean; beside?: boolean },
  against?: Broken,
): Fault[] {
  const everybody = processes.http + processes.workers;
  const faults: Fault[] = [];
  const aWorkerOf = (random: Random) => processes.http + random.int(0, processes.workers - 1);
  const series = (name: string, gap: readonly [number, number], draw: (at: number) => TimedFault) => {
    const random = seeded(seed, 'gaps', name);
    for (let at = random.int(500, 2000); at < ms; ) {
      const [fault, lasts] = draw(at);
      faults.push(fault);
      at += lasts + random.int(...gap);
    }
  };

  const trial: Trial | undefined = against && trials[against];
  const changes = trial?.change;
  if (changes) series('primary', [8000, 10_000], (at) => [{ at: at + 2000, ...changes }, 0]);
  const which = trial?.moment;
  if (which) {
    const random = seeded(seed, which);
    // One worker must count as dead before the next is disconnected.
    const lasts = which === 'lateWrite' ? 20_000 : 0;
    series(which, [800, 1500], (at) => [{ at, kind: 'moment', who: aWorkerOf(random), which }, lasts]);
  }
  if (which || changes || trial?.calm) return faults;
  const point = trial?.failpoint;
  if (point) {
    // These processes die repeatedly: their supervisor restarts them with the same failpoint.
    const [first, count] = ofHttp.includes(point) ? [0, processes.http] : [processes.http, processes.workers];
    return Array.from({ length: count }, (_, i) => {
      return { at: 500 * (i + 1), kind: 'failpoint', who: first + i, point, chance: 0.2 };
    });
  }
  const forProcesses = seeded(seed, 'processes');
  series('processes', [300, 2000], (at) => {
    const random = forProcesses;
    // More faults hit workers, because they execute runs.
    const hitsSupervisor = processes.supervised && random.chance(SUPERVISOR_SHARE);
    const elsewhere = () => (random.chance(0.7) ? aWorkerOf(random) : random.int(0, processes.http - 1));
    const who = hitsSupervisor ? 0 : elsewhere();
    if (against) return [{ at, kind: 'kill', who: aWorkerOf(random), downMs: 0 }, 1000];
    if (hitsSupervisor) return supervisorFault(random, at);
    return processFault(random, { at, who, isHttp: who < processes.http, kind: random.weighed(processFaults) });
  });

  const forDatabase = seeded(seed, 'database');
  series('database', [500, 2500], (at) => {
    const random = forDatabase;
    const target = random.int(0, everybody - 1);
    const who = random.chance(0.5) ? ('all' as const) : target;
    return databaseFault(random, at, { target, who, isHttp: target < processes.http });
  });

  const forPrimary = seeded(seed, 'primary');
  const kinds = seed % 2 === 0 ? (['failover', 'switchover'] as const) : (['switchover', 'failover'] as const);
  let changed = 0;
  series('primary', [4000, 9000], (at) => changeOfPrimary(forPrimary, at, kinds[changed++ % 2]!));

  // The answers to claims are lost, the last ones shortly before healing, so that only the worker itself can find the claimed runs.
  const forClaims = seeded(seed, 'claims');
  series('claims', [2000, 5000], (at) => [{ at, kind: 'loseAnswer', who: aWorkerOf(forClaims), text: CLAIMS }, 0]);
  for (let i = 0; i < processes.workers; i++)
    faults.push({ at: ms - 300, kind: 'loseAnswer', who: processes.http + i, text: CLAIMS });
  const rolls = rollsOf(seed, ms, processes);
  const [first, last] = [rolls[0]!.at, rolls.at(-1)!.at + ROLL_MS];
  const isBeside = ({ at }: Fault) => processes.beside && at > first - CLEAR_MS && at < last;
  const apart = faults.filter((fault) => !(isChange(fault) && isBeside(fault)));
  return withoutClashes([...apart, ...rolls]).sort((a, b) => a.at - b.at);
}

/** How long a deploy takes at most when little is wrong, in ms. */
const ROLL_MS = 15_000;

/** A deploy of every process; or of half of them to the last release, and back while both releases run. */
function rollsOf(
  seed: number,
  ms: number,
  { http, workers, beside }: { http: number; workers: number; beside?: boolean },
): ({ at: number } & RollRequest)[] {
  const random = seeded(seed, 'rolls');
  const all = Array.from({ length: http + workers }, (_, index) => index);
  const from = random.int(0, all.length - 1);
  const who = [...all.slice(from), ...all.slice(0, from)];
  const at = (part: number) => Math.round(ms * part) + random.int(0, Math.round(ms * 0.1));
  if (!beside) return [0.15, 0.6].map((part) => ({ at: at(part), kind: 'roll', who, to: 'present' }));
  const half = who.filter((index) => index % 2 === seed % 2);
  return [
    { at: at(0.25), kind: 'roll', who: half, to: 'release' },
    { at: at(0.55), kind: 'roll', who: half, to: 'present' },
  ];
}

/** Alternating failovers and switchovers, without other faults. @param count of each */
export function changesOf(seed: number, count: number): Fault[] {
  const random = seeded(seed, 'changes');
  return Array.from({ length: 2 * count }, (_, n) => {
    return changeOfPrimary(random, CHANGE_GAP_MS * (n + 1 / 2), n % 2 === 0 ? 'failover' : 'switchover')[0];
  });
}

/** Of two changes without other faults; in ms. */
export const CHANGE_GAP_MS = 7000;

/** How long a change of the primary keeps faults of all connections away, in ms: the time to the first success is measured. */
const CLEAR_MS = 5000;

export const isChange = ({ kind }: Fault): boolean => kind === 'failover' || kind === 'switchover';

/** Removes faults that would stop every process, or the primary, while it changes. */
function withoutClashes(faults: readonly Fault[]): Fault[] {
  const changes = faults.filter(isChange);
  const endOf = (fault: Fault) =>
    fault.at +
    ('forMs' in fault ? fault.forMs : 'downMs' in fault ? fault.downMs : 'misledMs' in fault ? fault.misledMs : 0);
  const clashes = (fault: Fault) =>
    (fault.kind === 'postmaster' || ('forMs' in fault && fault.who === 'all')) &&
    changes.some((change) => fault.at < endOf(change) + CLEAR_MS && endOf(fault) > change.at);
  return faults.filter((fault) => !clashes(fault));
}

function changeOfPrimary(random: Random, at: number, kind: ChangeRequest['kind']): TimedFault {
  const waits = random.chance(0.3);
  const ms = random.int(0, kind === 'failover' ? 2500 : 5000);
  if (kind === 'failover') return [{ at, kind, downMs: ms, waits }, ms];
  const misledMs = random.chance(0.5) ? ms : 0;
  return [{ at, kind, misledMs, waits }, misledMs];
}

/** A fault, and the time in ms until the next one of its series. */
type TimedFault = readonly [Fault, number];

function supervisorFault(random: Random, at: number): TimedFault {
  const kind = random.weighed(supervisorFaults);
  const index = random.int(0, 1);
  if (kind === 'killProcess') return [{ at, kind, who: 0, index }, 1500];
  if (kind !== 'freezeProcess') return processFault(random, { at, who: 0, isHttp: false, kind });
  const forMs = random.int(1000, 14_000);
  return [{ at, kind, who: 0, index, forMs }, forMs];
}

function processFault(
  random: Random,
  { at, who, isHttp, kind }: { at: number; who: number; isHttp: boolean; kind: keyof typeof processFaults },
): TimedFault {
  switch (kind) {
    case 'kill':
      return [{ at, kind, who, downMs: random.int(0, 1500) }, 1500];
    case 'freeze': {
      const forMs = random.chance(0.5) ? random.int(1000, 4000) : random.int(8000, 14_000);
      return [{ at, kind, who, forMs }, forMs];
    }
    case 'deploy':
      return [{ at, kind, who }, 1000];
    default: {
      const point = random.pick(isHttp ? ofHttp : ofWorkers);
      return [{ at, kind, who, point, chance: random.pick([0.05, 0.2, 0.5]) }, 2500];
    }
  }
}

/** @param target the index of a process @param who that process, or all of them */
function databaseFault(
  random: Random,
  at: number,
  { target, who, isHttp }: { target: number; who: number | 'all'; isHttp: boolean },
): TimedFault {
  const kind = random.weighed(databaseFaults);
  switch (kind) {
    case 'postmaster': {
      const downMs = random.int(0, 2500);
      return [{ at, kind, downMs }, downMs + 1000];
    }
    case 'backends':
      return [{ at, kind, share: random.pick([0.2, 0.5, 1]) }, 500];
    case 'cut':
      return [{ at, kind, who }, 500];
    case 'partition': {
      const forMs = random.chance(0.7) ? random.int(500, 4000) : random.int(8000, 12_000);
      return [{ at, kind, who, how: random.pick(['refuse', 'hang', 'mute'] as const), forMs }, forMs];
    }
    case 'slow': {
      const forMs = random.int(1000, 5000);
      return [{ at, kind, who, ms: random.int(5, 200), forMs }, forMs];
    }
    case 'flaky': {
      const forMs = random.int(1000, 4000);
      return [{ at, kind, who, meanBytes: random.int(2000, 60_000), forMs }, forMs];
    }
    default:
      return [{ at, kind, who: target, text: random.pick(isHttp ? statementsOfHttp : statementsOfWorkers) }, 300];
  }
}
