import { setMaxListeners } from 'node:events';
import { cp, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RunEvent } from '@errand/contracts';
import { Answerer } from './answerer.ts';
import { Approver } from './approver.ts';
import { approvedBefore, noIsNo } from './check-approvals.ts';
import { effectsHappenOnce, storedIsOver } from './check-effects.ts';
import { argumentsArePlanned, endsAsItWent, nothingBreaksInside } from './check-ends.ts';
import { eventsAreTold, timesHaveOneRun } from './check-hooks.ts';
import { inputsCountOnce } from './check-inputs.ts';
import { answersCountOnce } from './check-questions.ts';
import { decisionsCountOnce, keysMakeOneRun, refusalsDoNothing } from './check-requests.ts';
import { deploysDrain, nothingIsLeft } from './check-rest.ts';
import { ENDS_IN_MS, everyRunEnds, followersSeeAll, logsAreWhole } from './check-runs.ts';
import {
  answersAreActedUpon,
  credentialsAreSeen,
  dueRunsAreWorkedOn,
  lateDecisionsAreRefused,
  memoryIsBounded,
  slotsAreKept,
} from './check-waiting.ts';
import { errandsOf } from './clients.ts';
import { apart, type Cluster, mixed, startCluster } from './cluster.ts';
import type { Evidence } from './evidence.ts';
import { footprints, readFacts } from './facts.ts';
import { FormFiller } from './form-filler.ts';
import { startGuardian } from './guardian.ts';
import { History } from './history.ts';
import { registerHooks, turnClocks, untilDelivered } from './hooks.ts';
import { Human } from './human.ts';
import { startPlanner } from './looks.ts';
import type { BrokenRule } from './mutations.ts';
import { torment } from './nemesis.ts';
import { startReceiver } from './receiver.ts';
import { listEvents, stopAll, untilQuiet } from './rest.ts';
import { type Fault, scheduleOf } from './schedule.ts';
import { startThirdParty } from './third-party.ts';
import { startTraffic } from './traffic.ts';
import { type Trial, trials } from './trials.ts';
import { mustProve, Unproven } from './unproven.ts';
import type { Verdict } from './verdict.ts';
import { Watch } from './watch.ts';

export type SeedOptions = {
  seed: number;
  /** How long faults happen. */
  seconds: number;
  /** A rule that the service is started without, to show that a check fails. */
  broken?: BrokenRule;
  /** Only the faults that this rule is there for. */
  against?: BrokenRule;
  /** Errands a second. */
  rate?: number;
};

export type SeedOutcome = {
  verdicts: readonly Verdict[];
  violated: boolean;
  /** What was done, in a line. */
  summary: string;
  /** History and logs, kept when something was violated. */
  kept?: string;
};

const checks = [
  everyRunEnds,
  logsAreWhole,
  storedIsOver,
  effectsHappenOnce,
  followersSeeAll,
  keysMakeOneRun,
  decisionsCountOnce,
  approvedBefore,
  noIsNo,
  refusalsDoNothing,
  nothingIsLeft,
  deploysDrain,
  nothingBreaksInside,
  endsAsItWent,
  argumentsArePlanned,
  answersAreActedUpon,
  credentialsAreSeen,
  dueRunsAreWorkedOn,
  slotsAreKept,
  memoryIsBounded,
  lateDecisionsAreRefused,
  answersCountOnce,
  eventsAreTold,
  timesHaveOneRun,
  inputsCountOnce,
];

/** Workers and jobs write a little after the last end; in ms. */
const AFTERWARDS_MS = 3000;
const FOLLOWERS_MS = 20_000;
/** Slots of the workspace: with some seeds it is at its limit most of the time, with others never. */
const FEW_SLOTS = 4;
const MANY_SLOTS = 60;
const BROKEN_ENDS_IN_MS = 20_000;
/** How long errands are posted after healing: then none may stall; in ms. */
const CALM_MS = 6000;

export const faultsOf = ({ seed, seconds, broken, against = broken }: SeedOptions): Fault[] =>
  scheduleOf(seed, seconds * 1000, { http: 2, workers: 2 }, against);

/** One seed, from the first start to the last check. */
export async function runSeed(options: SeedOptions): Promise<SeedOutcome> {
  const { seed, seconds, broken, against = broken, rate = 4 } = options;
  const trial: Partial<Trial> = against ? trials[against] : {};
  const slots = trial.slots ?? (seed % 2 === 0 ? FEW_SLOTS : MANY_SLOTS);
  const settings = { ERRAND_WORKSPACE_CONCURRENCY: String(slots) };
  const faults = faultsOf(options);
  const guardian = startGuardian();
  const closers: (() => unknown)[] = [() => guardian.end()];
  const stop = new AbortController();
  const turning = new AbortController();
  setMaxListeners(0, stop.signal);
  try {
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
    // In some seeds a process that answers requests also works.
    const roles = against || seed % 3 !== 0 ? apart : mixed;
    const allowed = [thirdParty.origin, receiver.origin, new URL(planner.url).origin];
    cluster = await startCluster({
      folder,
      guardian,
      thirdParty: thirdParty.origin,
      broken,
      settings: { ...settings, ...planner.settings, ERRAND_EGRESS_ALLOW: allowed.join() },
      roles,
    });
    closers.push(() => cluster.close());
    await registerHooks(cluster, receiver);
    const fresh = footprints(cluster);

    const human = new Human(cluster, history, thirdParty, seed);
    const approver = new Approver(cluster, history, seed, trial);
    const answerer = new Answerer(cluster, history, seed, trial);
    const filler = new FormFiller(cluster, history, seed, trial);
    const watch = new Watch(cluster, thirdParty, slots);
    const watching = Promise.all([watch.work(stop.signal), turnClocks(cluster, seed, turning.signal)]);
    const deciding = Promise.all([human, approver, answerer, filler].map((person) => person.work(stop.signal)));
    const ms = seconds * 1000 + CALM_MS;
    const errands = errandsOf(seed, Math.round((ms / 1000) * rate * (trial.times ?? 1)), trial);
    const hear = (event: RunEvent) => {
      approver.hear(event);
      answerer.hear(event);
      filler.hear(event);
    };
    const { uncancelled, tokenless } = trial;
    const when = { seed, ms, stop: stop.signal };
    const traffic = startTraffic(cluster, history, errands, { ...when, hear, uncancelled, tokenless });
    const { exits, failpoints, moments } = await torment({ cluster, thirdParty, history }, faults, {
      seed,
      ms: seconds * 1000,
      failpoints: trial.failpoints ?? 0,
    });
    const healedAt = Date.now();
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

    const readAt = Date.now();
    const facts = await readFacts(cluster);
    // Schedules go on: a message of the snapshot may still be on its way.
    await untilDelivered(cluster);
    const ids = facts.runs.map(({ runId }) => runId);
    const listed = await listEvents(cluster, ids);
    const rested = footprints(cluster);
    const last = await stopAll(cluster);
    if (broken && !cluster.members.some(({ service }) => service.isMutated)) {
      throw new Unproven(`no statement went out with ${broken}`);
    }
    if (failpoints < (trial.failpoints ?? 0)) {
      throw new Unproven(`${failpoints} of ${trial.failpoints} processes died at their failpoint`);
    }
    if (trial.moment && moments === 0) throw new Unproven(`its moment, ${trial.moment}, was never reached`);
    const { arrivals } = thirdParty;
    const ends = [...exits, ...last];
    const evidence: Evidence = {
      errands,
      history,
      facts,
      listed,
      arrivals,
      posts: receiver.posts,
      readAt,
      said: human.said,
      quietMs,
      exits: ends,
      deaths: cluster.members.flatMap(({ service }) => service.deaths),
      watch,
      slots,
      workers: cluster.workers.length,
      healedAt,
      fresh,
      rested,
    };
    const verdicts = checks.map((check) => check(evidence));
    const violated = verdicts.some(({ violations }) => violations.length > 0);
    await history.close();
    if (!violated) mustProve(errands);
    const accepted = errands.filter(({ runId }) => runId !== undefined).length;
    const starts = cluster.members.reduce((n, { service }) => n + service.starts, 0);
    return {
      verdicts,
      violated,
      summary: `${accepted} of ${errands.length} errands accepted, ${faults.length} faults, ${starts} starts of 4 processes, ${failpoints} ends at failpoints`,
      ...(violated && { kept: await keep(folder) }),
    };
  } finally {
    stop.abort();
    turning.abort();
    for (const close of closers.reverse()) await close();
  }
}

async function keep(folder: string): Promise<string> {
  const target = await mkdtemp(join(tmpdir(), 'errand-violation-'));
  const worth = (path: string) => !/postgres\/|master-keys|dev\.json/.test(path);
  await cp(folder, join(target, basename(folder)), { recursive: true, filter: worth });
  return target;
}
