import { setTimeout as sleep } from 'node:timers/promises';
import { changePrimary, type ServerChange } from './changes.ts';
import type { Cluster, Member } from './cluster.ts';
import { moments, type Site } from './moments.ts';
import type { Span } from './processors.ts';
import { type RollRequest, roll, Turns } from './rolls.ts';
import type { Fault } from './schedule.ts';
import type { Exit } from './service.ts';

/** The effects of the faults: exits of processes, deaths at a failpoint, reached moments, changes of the primary, faults that failed. */
export type Aftermath = {
  exits: Exit[];
  failpoints: number;
  moments: number;
  changes: ServerChange[];
  /** The number of deploys of all processes or of half of them, and the spans in which the last release ran. */
  rolls: number;
  besides: Span[];
  failures: string[];
};

const PATIENCE_MS = 20_000;

/** Additional time for failpoints that were not reached, in ms: a busy machine starts processes slowly. */
const REACHED_MS = 60_000;

/**
 * Injects the faults at their times, then heals everything: no process is frozen, no connection is cut, every process runs.
 * @param ms the minimum duration
 * @param failpoints the number of deaths at failpoints to wait for
 */
export async function torment(
  site: Site,
  faults: readonly Fault[],
  { seed, ms, failpoints: minDeaths }: { seed: number; ms: number; failpoints: number },
): Promise<Aftermath> {
  const { cluster, history } = site;
  const tally: Tally = {
    exits: [],
    moments: 0,
    changes: [],
    rolls: 0,
    besides: [],
    failures: [],
    seed,
    turns: new Turns(),
  };
  const began = Date.now();
  const work = faults.map(async (fault) => {
    await sleep(Math.max(0, began + fault.at - Date.now()));
    history.note('fault', fault);
    await inflict(site, fault, tally).catch((error) => {
      tally.failures.push(`${fault.kind}: ${error}`);
      history.note('nemesis', { fault: fault.kind, error: String(error) });
    });
  });
  await Promise.all([...work, sleep(ms)]);
  const reached = () =>
    cluster.members.reduce((n, { service }) => n + service.unasked.filter((e) => e.signal !== null).length, 0);
  while (reached() < minDeaths && Date.now() - began < ms + REACHED_MS) await sleep(100);
  await heal(cluster);
  const { seed: _, turns: __, ...effects } = tally;
  return { ...effects, failpoints: reached() };
}

type Tally = Omit<Aftermath, 'failpoints'> & { seed: number; turns: Turns };

async function inflict(site: Site, fault: Fault, tally: Tally): Promise<void> {
  const { members, postgres } = site.cluster;
  const processFault = ['kill', 'freeze', 'deploy', 'failpoint', 'killProcess', 'freezeProcess'].includes(fault.kind);
  if (processFault && 'who' in fault && typeof fault.who === 'number' && members[fault.who]!.service.busy) return;
  switch (fault.kind) {
    case 'kill':
      return members[fault.who]!.service.kill(fault.downMs);
    case 'freeze': {
      const { service } = members[fault.who]!;
      service.freeze();
      await sleep(fault.forMs);
      return service.thaw();
    }
    case 'deploy': {
      tally.exits.push(await members[fault.who]!.service.deploy());
      return;
    }
    case 'failpoint': {
      const { service } = members[fault.who]!;
      const kill = `kill=${fault.point}:${fault.chance},seed=${(tally.seed % 1_000_000) + fault.at}`;
      service.extra = { ERRAND_FAULTS: kill };
      return service.kill();
    }
    case 'killProcess':
      return members[fault.who]!.service.killProcess(fault.index);
    case 'freezeProcess':
      return members[fault.who]!.service.freezeProcess(fault.index, fault.forMs);
    case 'postmaster':
      return postgres.crash(fault.downMs);
    case 'failover':
    case 'switchover':
      tally.changes.push(await tally.turns.change(() => changePrimary(site, fault)));
      return;
    case 'roll':
      return tally.turns.roll(() => rollOut(members, fault, tally));
    case 'backends':
      await postgres.killBackends(fault.share);
      return;
    case 'loseAnswer':
      return Promise.race([
        members[fault.who]!.proxy.loseAnswer(fault.text),
        sleep(PATIENCE_MS, undefined, { ref: false }),
      ]);
    case 'moment':
      if (await moments[fault.which](site, members[fault.who]!)) tally.moments++;
      return;
    default:
      return onTheWay(fault.who === 'all' ? members : [members[fault.who]!], fault);
  }
}

async function rollOut(members: readonly Member[], request: RollRequest, tally: Tally): Promise<void> {
  const isBeside = request.to === 'release';
  if (isBeside) {
    await tally.turns.beginBeside();
    tally.besides.push({ from: Date.now(), to: Number.POSITIVE_INFINITY });
  }
  tally.exits.push(...(await roll(members, request)));
  tally.rolls++;
  const last = tally.besides.at(-1);
  if (isBeside || !last) return;
  last.to = Date.now();
  tally.turns.endBeside();
}

type OnTheWay = Extract<Fault, { kind: 'cut' | 'partition' | 'slow' | 'flaky' }>;

async function onTheWay(members: readonly Member[], fault: OnTheWay): Promise<void> {
  const proxies = members.map(({ proxy }) => proxy);
  const cut = () => proxies.map((proxy) => proxy.cut());
  if (fault.kind === 'cut') return void cut();
  const weather =
    fault.kind === 'slow'
      ? ({ kind: 'delay', ms: fault.ms } as const)
      : fault.kind === 'flaky'
        ? ({ kind: 'flaky', seed: fault.at, meanBytes: fault.meanBytes } as const)
        : ({ kind: fault.how } as const);
  await Promise.all(proxies.map((proxy) => proxy.set(weather)));
  if (weather.kind === 'refuse') cut();
  await sleep(fault.forMs);
  // A connection that lost bytes must not continue.
  if (weather.kind === 'mute') cut();
  await Promise.all(proxies.map((proxy) => proxy.set({ kind: 'pass' })));
}

async function heal({ members, postgres }: Cluster): Promise<void> {
  await postgres.heal();
  for (const { service, proxy } of members) {
    await proxy.set({ kind: 'pass' });
    service.thaw();
    // Replace a process that still carries a failpoint.
    const carries = service.extra.ERRAND_FAULTS !== undefined;
    service.extra = {};
    if (carries) await service.kill();
  }
  await Promise.all(members.map(({ service }) => service.ready()));
}
