// The judgement of a seed: whether it exercised its rules, and the verdicts of all invariants.
import { cp, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { approvedBefore, noIsNo } from './check-approvals.ts';
import { nothingIsPinned, readinessIsTrue, successFollows } from './check-changes.ts';
import { effectsHappenOnce, storedIsOver } from './check-effects.ts';
import { argumentsArePlanned, endsAsItWent, nothingBreaksInside } from './check-ends.ts';
import { eventsAreTold, timesHaveOneRun } from './check-hooks.ts';
import { inputsCountOnce } from './check-inputs.ts';
import { answersCountOnce } from './check-questions.ts';
import { openRunsKeepRows } from './check-removal.ts';
import { clientsSucceed, decisionsCountOnce, keysMakeOneRun, refusalsDoNothing } from './check-requests.ts';
import { rerunsKeepOutputs } from './check-reruns.ts';
import { deploysDrain, nothingIsLeft } from './check-rest.ts';
import { everyRunEnds, followersSeeAll, logsAreWhole } from './check-runs.ts';
import {
  answersAreActedUpon,
  credentialsAreSeen,
  dueRunsAreWorkedOn,
  lateDecisionsAreRefused,
  memoryIsBounded,
  slotsAreKept,
} from './check-waiting.ts';
import type { Cluster } from './cluster.ts';
import type { Evidence } from './evidence.ts';
import type { History } from './history.ts';
import type { Aftermath } from './nemesis.ts';
import { isOld } from './old-runs.ts';
import { type Fault, isChange } from './schedule.ts';
import { type Broken, serviceRuleOf, type Trial } from './trials.ts';
import { mustChange, mustDrop, mustProve, mustRoll, Unproven } from './unproven.ts';
import type { Verdict } from './verdict.ts';

export type SeedOutcome = {
  verdicts: readonly Verdict[];
  violated: boolean;
  /** A summary in one line. */
  summary: string;
  /** The folder with history and logs after a violation. */
  keptFolder?: string;
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
  rerunsKeepOutputs,
  successFollows,
  readinessIsTrue,
  nothingIsPinned,
  openRunsKeepRows,
  clientsSucceed,
];

type Played = { broken: Broken | undefined; trial: Partial<Trial>; faults: readonly Fault[] };

/** @throws Unproven when the situation of the trial did not occur */
export function checkExercised(
  { members }: Cluster,
  { broken, trial, faults }: Played,
  { failpoints, moments, changes, rolls, failures }: Aftermath,
  { removal, errands }: Evidence,
): void {
  mustChange(changes.length, faults.filter(isChange).length, failures);
  mustRoll(rolls, faults.filter(({ kind }) => kind === 'roll').length, failures);
  if (removal) mustDrop(removal, errands.filter((errand) => isOld(errand) && errand.runId !== undefined).length);
  if (serviceRuleOf(broken) && !members.some(({ service }) => service.isMutated)) {
    throw new Unproven(`no statement went out with ${broken}`);
  }
  if (broken === 'drops_open_runs' && removal!.missed.length > 0) {
    throw new Unproven(`the removal never sent ${removal!.missed.join(' and ')}`);
  }
  if (failpoints < (trial.failpoints ?? 0)) {
    throw new Unproven(`${failpoints} of ${trial.failpoints} processes died at their failpoint`);
  }
  if (trial.moment && moments === 0) throw new Unproven(`its moment, ${trial.moment}, was never reached`);
}

type Seen = { folder: string; history: History; cluster: Cluster };

export async function judge(
  { folder, history, cluster }: Seen,
  evidence: Evidence,
  { faults, failpoints }: { faults: readonly Fault[]; failpoints: number },
): Promise<SeedOutcome> {
  const { errands } = evidence;
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
    ...(violated && { keptFolder: await keepEvidence(folder, cluster.postgres.folders) }),
  };
}

async function keepEvidence(folder: string, servers: readonly string[]): Promise<string> {
  const target = await mkdtemp(join(tmpdir(), 'errand-violation-'));
  const worth = (path: string) => !/postgres\/|master-keys|dev\.json/.test(path);
  await cp(folder, join(target, basename(folder)), { recursive: true, filter: worth });
  for (const server of servers) await cp(join(server, 'postgres.log'), join(target, `${basename(server)}.log`));
  return target;
}
