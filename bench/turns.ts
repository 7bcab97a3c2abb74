// Compares builds of the server: each has its own Postgres and third party, and they carry out runs in turns.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Figures, intervalOfMedian, median, round, type Scenario } from './figures.ts';
import { type HttpClient, loop } from './http.ts';
import { exactFamilyCpuUs } from './process-figures.ts';
import { fiveFilters, fiveLongReads, fiveReads, fiveSums, runAndWait, runToEnd } from './runs.ts';
import { openStack, ownServer, type ServerBuild, type Stack } from './stack.ts';
import { counters } from './throughput.ts';

export const turns: Scenario = {
  name: 'turns',
  goal: { ratios: 'processor time of this build / of the other one: <= 1' },
};

const CLIENTS = 50;
const WARM_UP = 1500;
const ROUNDS = 8;
/** Runs of a build in a round. */
const RUNS = 300;

type Work = (http: HttpClient, integration: string) => Promise<unknown>;

const WORKS: Record<string, Work> = {
  reads: (http, integration) => runToEnd(http, fiveReads(integration)),
  sums: (http, integration) => runToEnd(http, fiveSums(integration)),
  filters: (http, integration) => runToEnd(http, fiveFilters(integration)),
  wait: (http, integration) => runAndWait(http, fiveReads(integration)),
  longReads: (http, integration) => runToEnd(http, fiveLongReads(integration)),
};

/** `against`: the folder of another built checkout. `node`: the Node binary that runs the other build. `works`: names of `WORKS`. */
export type TurnsOptions = {
  against?: string | undefined;
  node?: string | undefined;
  /** Compares this build with traces, exported to a collector that discards them, with this build without. */
  traces?: boolean | undefined;
  works?: readonly string[] | undefined;
  rounds?: number | undefined;
};

/**
 * The processor time of a run, by kind of run: of this build, of the other build, and the median of the paired ratios with its interval of
 * 95 %.
 */
export async function measureTurns({
  against,
  node,
  traces,
  works = ['reads', 'sums'],
  rounds = ROUNDS,
}: TurnsOptions): Promise<Figures> {
  const collector = traces ? await startCollector() : undefined;
  const other = against === undefined ? ownServer : pathToFileURL(`${resolve(against)}/apps/server/dist/main.js`);
  const builds: ServerBuild[] = [
    { program: ownServer, ...(collector && { env: collector.env }) },
    { program: other, ...(node !== undefined && { node }) },
  ];
  const stacks: Stack[] = [];
  try {
    for (const build of builds) stacks.push(await openStack(build));
    const sides = await Promise.all(stacks.map(toSide));
    for (const side of sides)
      await loop(CLIENTS, 600_000, () => WORKS[works[0]!]!(side.http, side.integration), WARM_UP);
    const figures: Figures = {};
    for (const name of works) figures[name] = await compare(sides, WORKS[name]!, rounds);
    return figures;
  } finally {
    for (const stack of stacks) await stack.close();
    collector?.close();
  }
}

async function startCollector() {
  const server = createServer((request, response) => void request.resume().on('end', () => response.end()));
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  return {
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}` },
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

type Side = { http: HttpClient; integration: string; pid: number; stack: Stack };

async function toSide(stack: Stack): Promise<Side> {
  const { url, pid } = await stack.main();
  return { stack, pid, http: stack.client(url, CLIENTS), integration: stack.integration };
}

async function compare(sides: readonly Side[], work: Work, rounds: number): Promise<object> {
  const samples: Awaited<ReturnType<typeof sample>>[][] = [];
  await Promise.all(sides.map((side) => loop(CLIENTS, 60_000, () => work(side.http, side.integration), RUNS)));
  for (let i = 0; i < rounds; i++) {
    const pair: (typeof samples)[number] = [];
    // In both orders, because the first of a pair may gain from its place.
    for (const n of i % 2 === 0 ? [0, 1] : [1, 0]) pair[n] = await sample(sides[n]!, work);
    samples.push(pair);
  }
  const of = (side: number, figure: 'cpuUs' | 'commits' | 'walBytes' | 'perSecond') =>
    samples.map((pair) => pair[side]![figure]);
  const ratios = samples.map(([mine, others]) => mine!.cpuUs / others!.cpuUs);
  return {
    ratio: round(median(ratios)),
    ratioInterval: intervalOfMedian(ratios).map(round),
    ratios: ratios.map(round),
    ...Object.fromEntries(
      (['cpuUs', 'commits', 'walBytes', 'perSecond'] as const).map((figure) => [
        figure,
        [0, 1].map((side) => round(median(of(side, figure)))),
      ]),
    ),
  };
}

async function sample({ http, integration, pid, stack }: Side, work: Work) {
  const before = await counters(stack.db.pool);
  const cpuUs = exactFamilyCpuUs(pid);
  const { tookMs, perSecond } = await loop(CLIENTS, 60_000, () => work(http, integration), RUNS);
  const runs = tookMs.length;
  const spentUs = exactFamilyCpuUs(pid) - cpuUs;
  const after = await counters(stack.db.pool);
  return {
    cpuUs: spentUs / runs,
    commits: (after.commits - before.commits) / runs,
    walBytes: (after.wal - before.wal) / runs,
    perSecond,
  };
}
