import { setMaxListeners } from 'node:events';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RunEvent } from '@errand/contracts';
import { Answerer } from './answerer.ts';
import { Approver } from './approver.ts';
import { ENDS_IN_MS } from './check-runs.ts';
import { type Errand, errandsOf } from './clients.ts';
import { apart, type Cluster, type MemberRole, mixed, startCluster, supervised } from './cluster.ts';
import type { Evidence } from './evidence.ts';
import { type Footprint, footprints, readFacts } from './facts.ts';
import { FormFiller } from './form-filler.ts';
import { type Guardian, startGuardian } from './guardian.ts';
import { History } from './history.ts';
import { registerHooks, turnClocks, untilDelivered } from './hooks.ts';
import { Human } from './human.ts';
import { checkExercised, judge, type SeedOutcome } from './judging.ts';
import { startPlanner } from './looks.ts';
import { type Aftermath, torment } from './nemesis.ts';
import { type Receiver, startReceiver } from './receiver.ts';
import { Removal } from './removal.ts';
import { listEvents, stopAll, untilQuiet } from './rest.ts';
import { changesOf, type Fault, isChange, scheduleOf } from './schedule.ts';
import { startThirdParty, type ThirdParty } from './third-party.ts';
import { startTraffic } from './traffic.ts';
import { type Broken, pairOptionsOf, serviceRuleOf, type Trial, trials } from './trials.ts';
import { Watch } from './watch.ts';

export type SeedOptions = {
  seed: number;
  /** Duration of the faults. */
  seconds: number;
  /** A disabled rule of the service, to show that a check fails. */
  broken?: Broken;
  /** Only the faults that test this rule. */
  against?: Broken;
  /** So many failovers and switchovers, and no other faults. */
  changes?: number;
  /** Errands per second. */
  rate?: number;
  /** The program of the last release, which deploys run beside this build. */
  release?: string;
};

/** Time for the last writes of workers and jobs, in ms. */
const AFTERWARDS_MS = 3000;
const FOLLOWERS_MS = 20_000;
/** Slots of the workspace: with some seeds it is at its limit most of the time, with others never. */
const FEW_SLOTS = 4;
const MANY_SLOTS = 60;
const BROKEN_ENDS_IN_MS = 20_000;
/** How long errands are posted after healing, when none may stall; in ms. */
const CALM_MS = 6000;

const withAllFaults: Partial<Trial> = { old: 0.2, clients: 24 };
/** A seed of failovers and switchovers alone. */
const withoutOtherFaults: Partial<Trial> = { calm: true, clients: 8 };

export function faultsOf({ seed, seconds, broken, against = broken, changes, release }: SeedOptions): Fault[] {
  if (changes) return changesOf(seed, changes);
  const isSupervised = rolesOf(seed, against) === supervised;
  const processes = { http: 2, workers: 2, supervised: isSupervised, beside: release !== undefined };
  return scheduleOf(seed, seconds * 1000, processes, against);
}

/** In most seeds two processes run under a supervisor; in some, processes that answer requests also work. */
function rolesOf(seed: number, against: Broken | undefined): readonly MemberRole[] {
  if (against || seed % 5 === 4) return apart;
  return seed % 5 === 0 ? mixed : supervised;
}

/** One seed, from the first start to the last check. */
export async function runSeed(options: SeedOptions): Promise<SeedOutcome> {
  const { seed, seconds, broken, against = broken, changes, rate = 4 } = options;
  const trial: Partial<Trial> = against ? trials[against] : changes ? withoutOtherFaults : withAllFaults;
  const faults = faultsOf(options);
  const guardian = startGuardian();
  const closers: (() => unknown)[] = [() => guardian.end()];
  const stop = new AbortController();
  setMaxListeners(0, stop.signal);
  try {
    const isPair = faults.some(isChange);
    const bed = await startBed({ ...options, isPair }, trial, guardian, closers);
    const people = startPeople(bed, seed, trial, stop.signal);
    const ms = seconds * 1000 + CALM_MS;
    const errands = errandsOf(seed, Math.round((ms / 1000) * rate * (trial.times ?? 1)), trial);
    const course = await play(bed, { options, trial, faults, errands, people, stop });
    const evidence = await collect(bed, { errands, people, course, onlyChanges: changes !== undefined });
    checkExercised(bed.cluster, { broken, trial, faults }, course, evidence);
    return await judge(bed, evidence, { faults, failpoints: course.failpoints });
  } finally {
    stop.abort();
    for (const close of closers.reverse()) await close();
  }
}

/** The service with everything around it. */
type Bed = {
  folder: string;
  history: History;
  thirdParty: ThirdParty;
  receiver: Receiver;
  cluster: Cluster;
  slots: number;
  /** Footprints just after the start. */
  fresh: readonly Footprint[];
};

/** @param closers receives functions that end the parts */
async function startBed(
  { seed, broken, against = broken, changes, release, isPair }: SeedOptions & { isPair: boolean },
  trial: Partial<Trial>,
  guardian: Guardian,
  closers: (() => unknown)[],
): Promise<Bed> {
  const folder = await mkdtemp(join(tmpdir(), 'errand-faults-'));
  guardian.guard(folder);
  const history = new History(join(folder, 'history.jsonl'));
  const thirdParty = await startThirdParty(seed, history, { alwaysSlow: trial.slow, alwaysCalm: trial.calm });
  const receiver = await startReceiver(seed);
  let cluster: Cluster;
  const planner = await startPlanner(() => cluster.integrations);
  closers.push(
    () => planner.close(),
    () => thirdParty.close(),
    () => receiver.close(),
  );
  const slots = trial.slots ?? (seed % 2 === 0 ? FEW_SLOTS : MANY_SLOTS);
  const allowed = [thirdParty.origin, receiver.origin, new URL(planner.url).origin];
  cluster = await startCluster({
    folder,
    guardian,
    thirdParty: thirdParty.origin,
    broken: serviceRuleOf(broken),
    release,
    pair: isPair
      ? { ...pairOptionsOf(broken), hosts: !against && (changes !== undefined || seed % 2 === 0) }
      : undefined,
    settings: {
      ERRAND_WORKSPACE_CONCURRENCY: String(slots),
      ...planner.settings,
      ERRAND_EGRESS_ALLOW: allowed.join(),
    },
    roles: changes === undefined ? rolesOf(seed, against) : apart,
  });
  closers.push(() => cluster.close());
  await registerHooks(cluster, receiver);
  return { folder, history, thirdParty, receiver, cluster, slots, fresh: footprints(cluster) };
}

type People = { human: Human; hear: (event: RunEvent) => void; deciding: Promise<unknown> };

function startPeople(
  { cluster, history, thirdParty }: Bed,
  seed: number,
  trial: Partial<Trial>,
  stop: AbortSignal,
): People {
  const human = new Human(cluster, history, thirdParty, seed);
  const listeners = [
    new Approver(cluster, history, seed, trial),
    new Answerer(cluster, history, seed, trial),
    new FormFiller(cluster, history, seed, trial),
  ];
  return {
    human,
    hear: (event) => {
      for (const listener of listeners) listener.hear(event);
    },
    deciding: Promise.all([human, ...listeners].map((person) => person.work(stop))),
  };
}

type Script = {
  options: SeedOptions;
  trial: Partial<Trial>;
  faults: readonly Fault[];
  errands: Errand[];
  people: People;
  stop: AbortController;
};
type Course = Aftermath & { watch: Watch; removal: Removal | undefined; healedAt: number; quietMs: number };

/** Posts errands while faults happen, heals everything, and waits until all runs have ended. */
async function play(bed: Bed, { options, trial, faults, errands, people, stop }: Script): Promise<Course> {
  const { cluster, history, thirdParty, receiver, slots } = bed;
  const { seed, seconds, broken, release } = options;
  const { hear, deciding } = people;
  const { uncancelled, tokenless, clients, failpoints = 0 } = trial;
  const rerunless = release !== undefined;
  const turning = new AbortController();
  const removing = new AbortController();
  const site = { cluster, thirdParty, history, errands };
  try {
    const removal = trial.old ? await Removal.open(site, broken === 'drops_open_runs') : undefined;
    const removalEnded = removal?.work(removing.signal);
    const watch = new Watch(cluster, thirdParty, slots);
    const watching = Promise.all([watch.work(stop.signal), turnClocks(cluster, seed, turning.signal)]);
    const healing = { at: Number.POSITIVE_INFINITY };
    const when = { seed, ms: seconds * 1000 + CALM_MS, healing, stop: stop.signal };
    const traffic = startTraffic(cluster, history, errands, {
      ...{ ...when, hear },
      ...{ uncancelled, tokenless, rerunless, clients },
    });
    const aftermath = await torment(site, faults, { seed, ms: seconds * 1000, failpoints });
    const healedAt = Date.now();
    healing.at = healedAt;
    thirdParty.calm();
    receiver.calm();
    await traffic.posted;
    turning.abort();
    // Without a rule some runs never end: do not wait for them.
    const quietMs = await untilQuiet(cluster, broken ? BROKEN_ENDS_IN_MS : ENDS_IN_MS);
    await Promise.race([traffic.followed, sleep(FOLLOWERS_MS)]);
    stop.abort();
    await Promise.all([deciding, watching, traffic.followed]);
    await sleep(AFTERWARDS_MS);
    await untilDelivered(cluster);
    if (!broken) await removal?.finished();
    removing.abort();
    await removalEnded;
    return { ...aftermath, watch, removal, healedAt, quietMs };
  } finally {
    turning.abort();
    removing.abort();
  }
}

/** Reads the tables and events, and stops all processes. */
async function collect(
  { cluster, history, thirdParty, receiver, slots, fresh }: Bed,
  {
    errands,
    people,
    course,
    onlyChanges,
  }: Pick<Script, 'errands' | 'people'> & { course: Course; onlyChanges: boolean },
): Promise<Evidence> {
  const { exits, watch, removal, healedAt, quietMs, changes, besides } = course;
  const readAt = Date.now();
  const remaining = await readFacts(cluster);
  const removed = removal?.archive.runIds ?? new Set();
  // Schedules continue: a message of the snapshot may still be in transit.
  await untilDelivered(cluster);
  const ids = remaining.runs.flatMap(({ runId }) => (removed.has(runId) ? [] : runId));
  const listed = new Map([...(removal?.archive.listed ?? []), ...(await listEvents(cluster, ids))]);
  const rested = footprints(cluster);
  const sessionsOnStandby = (await cluster.pair?.sessionsOnStandby()) ?? 0;
  // A supervisor has two.
  const workers = cluster.workers.reduce((sum, { service }) => sum + Math.max(1, service.processes.length), 0);
  const last = await stopAll(cluster);
  return {
    errands,
    history,
    facts: removal?.archive.complete(remaining) ?? remaining,
    listed,
    arrivals: thirdParty.arrivals,
    posts: receiver.posts,
    readAt,
    resolutions: people.human.resolutions,
    quietMs,
    exits: [...exits, ...last],
    deaths: cluster.members.flatMap(({ service }) => [...service.deaths, ...service.deathsOfProcesses()]),
    changes,
    onlyChanges,
    sessionsOnStandby,
    watch,
    removed,
    removal: removal?.record,
    besides,
    slots,
    workers,
    healedAt,
    fresh,
    rested,
  };
}
