// Counts what one run makes the service do. Counts do not depend on the load of the machine.
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AsyncCounts } from './count-async.ts';
import { type Figures, round, type Scenario } from './figures.ts';
import { type HttpClient, loop } from './http.ts';
import { ioCalls } from './process-figures.ts';
import { fiveFilters, fiveReads, fiveSums, oneRead, runAndWait, runToEnd } from './runs.ts';
import { openStack, ownServer, type Server, type Stack } from './stack.ts';

export const runCost: Scenario = {
  name: 'run-cost',
  goal: { 'fiveReads.promises': '<= 600', 'fiveSums.ioCalls': '<= 60' },
};

const CLIENTS = 8;
const WARM_UP = 300;
const RUNS = 60;
const IDLE_MS = 5000;

/** Per run, by kind of run: promises, timers, system calls that read or write, and statements, less those of an idle service. */
export async function measureRunCost(): Promise<Figures> {
  const preload = new URL('./count-async.js', import.meta.url).href;
  const build = { program: ownServer, env: { NODE_OPTIONS: `--import=${preload}` } };
  const stack = await openStack(build, { log_statement: 'all', log_min_messages: 'log' });
  try {
    const server = await stack.main();
    const http = stack.client(server.url, CLIENTS);
    const works = worksOf(stack.integration);
    for (const work of Object.values(works)) await loop(CLIENTS, 60_000, () => work(http), WARM_UP);
    await sleep(1000);
    const from = await countersOf(stack, server);
    await sleep(IDLE_MS);
    const idle = difference(await countersOf(stack, server), from);
    const figures: Figures = { idlePerSecond: scaled(idle, 1000 / IDLE_MS) };
    for (const [name, work] of Object.entries(works))
      figures[name] = await perRun(stack, server, idle, () => work(http));
    return figures;
  } finally {
    await stack.close();
  }
}

const worksOf = (integration: string): Record<string, (http: HttpClient) => Promise<unknown>> => ({
  creation: (http) =>
    http.send('POST', '/v1/runs', {
      ...fiveReads(integration),
      startAt: new Date(Date.now() + 86_400_000).toISOString(),
    }),
  oneRead: (http) => runToEnd(http, oneRead(integration)),
  fiveReads: (http) => runToEnd(http, fiveReads(integration)),
  fiveSums: (http) => runToEnd(http, fiveSums(integration)),
  fiveFilters: (http) => runToEnd(http, fiveFilters(integration)),
  fiveReadsAwaited: (http) => runAndWait(http, fiveReads(integration)),
});

type Counters = AsyncCounts & { ioCalls: number; statements: number };

async function perRun(stack: Stack, server: Server, idle: Counters, work: () => Promise<unknown>): Promise<Counters> {
  const from = await countersOf(stack, server);
  const begun = performance.now();
  await loop(CLIENTS, 60_000, work, RUNS);
  const spent = difference(await countersOf(stack, server), from);
  const idleShare = scaled(idle, (performance.now() - begun) / IDLE_MS);
  return scaled(difference(spent, idleShare), 1 / RUNS);
}

async function countersOf(stack: Stack, server: Server): Promise<Counters> {
  const { promises, timers } = await server.ask<AsyncCounts>('counts');
  return { promises, timers, ioCalls: ioCalls(server.pid), statements: statementsIn(stack.postgresLog) };
}

const mapped = (counters: Counters, to: (value: number, name: keyof Counters) => number): Counters => ({
  promises: to(counters.promises, 'promises'),
  timers: to(counters.timers, 'timers'),
  ioCalls: to(counters.ioCalls, 'ioCalls'),
  statements: to(counters.statements, 'statements'),
});

const difference = (after: Counters, before: Counters): Counters =>
  mapped(after, (value, name) => value - before[name]);

const scaled = (counters: Counters, factor: number): Counters => mapped(counters, (value) => round(value * factor));

/** The number of statements in a log of Postgres that has all of them. */
const statementsIn = (log: string): number =>
  readFileSync(log, 'latin1').match(/LOG: {2}(?:execute|statement)/g)?.length ?? 0;
