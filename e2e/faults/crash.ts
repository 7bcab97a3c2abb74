// `pnpm faults crash`: a run kills every worker that executes it. Errand must end that run, and all others must continue.
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ask, post } from './clients.ts';
import { type Cluster, startCluster } from './cluster.ts';
import { startGuardian } from './guardian.ts';
import { History } from './history.ts';
import type { Shape } from './plans.ts';
import { seeded } from './random.ts';
import { startThirdParty } from './third-party.ts';

/** Workers that a run may kill before Errand ends it. */
const MAX_DEATHS = 5;
/** Deaths after which a run is a suspect and runs alone. */
const SUSPECT_DEATHS = 2;
/** Time limit in ms: workers start six times, each in seconds on a busy machine. */
const PATIENCE_MS = 60_000;
/** Time between two other runs, in ms. */
const GAP_MS = 150;
/** The fraction of the other runs that must end before the deadly one. */
const MEANWHILE_SHARE = 1 / 4;

type CrashRow = { errand: string; status: string; error: string | null; deaths: number; ms: number | null };

/** Violations, one sentence each, and the lines of a report. */
type Findings = { wrong: string[]; report: string[] };

/** @returns whether there was no violation */
export async function runCrash(): Promise<boolean> {
  const guardian = startGuardian();
  const closers: (() => unknown)[] = [() => guardian.end()];
  try {
    const folder = await mkdtemp(join(tmpdir(), 'errand-faults-'));
    guardian.guard(folder);
    const history = new History(join(folder, 'history.jsonl'));
    closers.push(() => history.close());
    let cluster: Cluster | undefined;
    const onCall = (call: string, socket: Socket) => {
      if (call.startsWith('deadly ')) killOwner(cluster!, socket);
    };
    const thirdParty = await startThirdParty(1, history, { alwaysCalm: true, onCall });
    closers.push(() => thirdParty.close());
    const roles = ['http', 'worker', 'worker'] as const;
    cluster = await startCluster({ folder, guardian, thirdParty: thirdParty.origin, roles });
    closers.push(() => cluster!.close());
    const { wrong, report } = await crash(cluster, history);
    for (const line of [...report, ...wrong.map((sentence) => `  WRONG: ${sentence}`)]) console.log(line);
    return wrong.length === 0;
  } finally {
    for (const close of closers.reverse()) await close();
  }
}

async function crash(cluster: Cluster, history: History): Promise<Findings> {
  const until = Date.now() + PATIENCE_MS;
  const create = (name: string, shape: Shape) => {
    const errand = { name, shape, strategy: 'NONE', userId: 'user-1' } as const;
    return post(cluster, history, errand, { random: seeded(1, name), until });
  };
  const readRows = () =>
    cluster.postgres.query<CrashRow>(`SELECT metadata->>'errand' AS errand, status, error->>'code' AS error, deaths,
      (extract(epoch FROM ended_at - created_at) * 1000)::float8 AS ms FROM run`);
  const others: Promise<unknown>[] = [];
  const printed = new Set<number>();
  let most = 0;
  let rows: CrashRow[] = [];
  const deadly = await create('deadly', 'reads');
  for (let isOver = false; !isOver && Date.now() < until; ) {
    others.push(create(`other${others.length}`, 'reads'));
    await sleep(GAP_MS);
    rows = await readRows();
    for (const { errand, deaths } of rows) {
      if (errand === 'deadly') printed.add(deaths);
      else most = Math.max(most, deaths);
    }
    isOver = rows.some(({ errand, ms }) => errand === 'deadly' && ms !== null);
  }
  const meanwhile = rows.filter(({ errand, ms }) => errand !== 'deadly' && ms !== null).length;
  await Promise.all(others);
  while ((await readRows()).some(({ ms }) => ms === null) && Date.now() < until) await sleep(GAP_MS);
  rows = await readRows();

  const deadlyRow = rows.find(({ errand }) => errand === 'deadly')!;
  const rest = rows.filter((row) => row !== deadlyRow);
  const bad = rest.filter(({ status, ms }) => status !== 'SUCCESS' || ms === null);
  const longest = Math.max(...rest.map(({ ms }) => ms ?? Number.POSITIVE_INFINITY));
  const died = cluster.workers.map(({ service }) => `${service.name} ${service.deaths.length} times`);
  const deaths = cluster.workers.reduce((n, { service }) => n + service.deaths.length, 0);
  const end = (await ask(cluster, cluster.http[0]!.service.url, { method: 'GET', path: `/v1/runs/${deadly}` }))?.text;
  const wrong: string[] = [];
  const expect = (holds: boolean, otherwise: string) => {
    if (!holds) wrong.push(otherwise);
  };
  expect(
    deadlyRow.status === 'FAILED' && deadlyRow.error === 'run_crashed',
    `the deadly run is ${deadlyRow.status} ${deadlyRow.error}: ${end}`,
  );
  expect(deaths === MAX_DEATHS, `it ended ${deaths} workers, not ${MAX_DEATHS}`);
  for (let n = 1; n < MAX_DEATHS; n++) expect(printed.has(n), `${n} deaths were never counted, only ${[...printed]}`);
  expect(most <= SUSPECT_DEATHS, `${most} workers died with another run, which ran next to a suspect`);
  expect(meanwhile >= rest.length * MEANWHILE_SHARE, `${meanwhile} of ${rest.length} others ended before it`);
  for (const { errand, status, error, ms } of bad.slice(0, 5))
    wrong.push(`${errand} is ${status} ${error ?? ''} after ${ms} ms`);
  const report = [
    `crash: ${died.join(', ')}; the deadly run ended ${deadlyRow.status} ${deadlyRow.error} after ${((deadlyRow.ms ?? 0) / 1000).toFixed(1)} s`,
    `  ${rest.length - bad.length} of ${rest.length} others SUCCESS, ${meanwhile} while it went on; longest ${longest.toFixed(0)} ms, most deaths ${most}`,
  ];
  return { wrong, report };
}

/** Kills the worker at the other end of a connection. Only Linux has /proc. */
function killOwner(cluster: Cluster, { remotePort, localPort }: Socket): void {
  const lines = readFileSync('/proc/net/tcp', 'utf8').split('\n');
  const fields = lines
    .map((line) => line.trim().split(/\s+/))
    .find(([, from, to]) => from?.endsWith(inHex(remotePort!)) && to?.endsWith(inHex(localPort!)));
  const socket = `socket:[${fields?.[9]}]`;
  for (const { service } of cluster.workers) {
    const { pid } = service;
    if (pid !== undefined && opened(pid).includes(socket)) process.kill(pid, 'SIGKILL');
  }
}

const inHex = (port: number): string => `:${port.toString(16).toUpperCase().padStart(4, '0')}`;

const opened = (pid: number): string[] =>
  readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/${pid}/fd/${fd}`)];
    } catch {
      // The connection was closed in the meantime.
      return [];
    }
  });
