// Two http and two worker processes of a release on one database, and callers in front of them.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createTestDatabase, masterKey } from '@errand/db/testing';
import { expect, inject, onTestFinished } from 'vitest';
import { freePort } from '../fixtures/free-port.ts';
import { databaseEnv } from '../fixtures/server.ts';
import { Load, register, startThirdParty } from './load.ts';
import { checkIntervalOf, checksMsOf, type ProxyKind, startBalancer } from './proxies.ts';
import { type Ending, ServiceProcess } from './service-process.ts';

/** This release, built. */
export const thisRelease = fileURLToPath(new URL('../..', import.meta.url));

const CALLERS = 4;

/** A database, a third party and the settings of the processes, for one test. */
export async function aGround() {
  const database = await createTestDatabase(inject('postgres'), { empty: true });
  onTestFinished(() => database.drop());
  const thirdParty = await startThirdParty();
  const dataDir = await mkdtemp(join(tmpdir(), 'errand-deploys-'));
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }));
  const logins = databaseEnv(database.url);
  const env = { ...logins, ERRAND_MASTER_KEYS: masterKey(), ERRAND_EGRESS_ALLOW: thirdParty.origin };
  /** Makes a process, which does not start yet. */
  const process = (
    release: string,
    role: 'http' | 'worker',
    more: { port?: number; env?: Readonly<Record<string, string>> } = {},
  ) => {
    const made = new ServiceProcess({ release, role, dataDir, ...more, env: { ...env, ...more.env } });
    onTestFinished(() => made.kill());
    return made;
  };
  return { thirdParty, process, env };
}

export type Ground = Awaited<ReturnType<typeof aGround>>;

/** Callers through a proxy, and how to check what they saw. */
export async function startLoad(service: { url: string; apiKey: string }, { thirdParty }: Ground) {
  const id = await register(service, thirdParty.document);
  const load = new Load(service, id, CALLERS);
  /** Waits until this many more runs have ended. */
  const moreRuns = async (count: number) => {
    const enough = load.seen.runs + count;
    while (load.seen.runs < enough) await sleep(50);
  };
  /** Stops the callers. @throws if a request failed, a stream has a gap, a run did not succeed, or a write was not made exactly once */
  const stopAndCheck = async () => {
    await load.stop();
    const { seen, names } = load;
    const counts = names.map((name) => thirdParty.writes.get(name) ?? 0);
    const summary = {
      ...seen,
      writesNotOnce: counts.filter((count) => count !== 1).length,
      writesOfNobody: [...thirdParty.writes.keys()].filter((name) => !names.includes(name)).length,
    };
    console.log(JSON.stringify(summary));
    expect(summary).toMatchObject({
      runs: seen.creates,
      failures: [],
      gaps: [],
      unsuccessful: [],
      writesNotOnce: 0,
      writesOfNobody: 0,
    });
  };
  return { moreRuns, stopAndCheck };
}

/** Two http processes behind a proxy, and two workers, of this release. */
export async function aFleet(kind: ProxyKind) {
  const ground = await aGround();
  const intervalS = checkIntervalOf(kind);
  const env = { ERRAND_LAME_DUCK_SECONDS: String(3 * intervalS), ERRAND_TRUSTED_PROXIES: '1' };
  const ports = [await freePort(), await freePort()] as const;
  const http = ports.map((port) => ground.process(thisRelease, 'http', { port, env }));
  const workers = [1, 2].map(() => ground.process(thisRelease, 'worker', { env }));
  for (const process of [...http, ...workers]) await process.start();
  const url = await startBalancer(kind, ports);
  const load = await startLoad({ url, apiKey: http[0]!.apiKey }, ground);
  /** Replaces each process in turn. The next one is stopped when the proxy has seen that the last one is ready. */
  const roll = async (): Promise<Ending[]> => {
    const endings: Ending[] = [];
    for (const process of [...http, ...workers]) {
      endings.push(await process.stop());
      await process.start();
      if (http.includes(process)) await sleep(checksMsOf(kind));
    }
    return endings;
  };
  const errors = () => [...http, ...workers].flatMap((process) => process.errors);
  return { ...load, roll, errors };
}
