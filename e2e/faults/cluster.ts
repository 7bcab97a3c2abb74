import { join } from 'node:path';
import { masterKey } from '@errand/db/testing';
import { startProxy, type TcpProxy } from '../fixtures/proxy.ts';
import { databaseEnv } from '../fixtures/server.ts';
import type { Guardian } from './guardian.ts';
import { type Pair, type PairOptions, startPair } from './pair.ts';
import type { Integrations } from './plans.ts';
import { type Postgres, startPostgres } from './postgres.ts';
import { type Role, Service } from './service.ts';
import type { ServiceRule } from './trials.ts';

/** A process with its own proxy to Postgres. `hasHosts`: its URLs name both servers, instead of the address of the primary. */
export type Member = { service: Service; proxy: TcpProxy; hasHosts: boolean };

export type Cluster = {
  postgres: Postgres;
  /** The same, if it is a primary with a standby. */
  pair?: Pair | undefined;
  http: readonly Member[];
  workers: readonly Member[];
  members: readonly Member[];
  apiKey: string;
  /** The third party, registered three times: without a token, with a token of each user, and as an MCP server. */
  integrations: Integrations;
  /** Ends all processes, including frozen ones. */
  close(): Promise<void>;
};

/** `supervised`: two processes with both roles under a supervisor, which count as one process of the harness. */
export type MemberRole = Role | 'supervised';

/** Two processes that answer requests and two workers. */
export const apart: readonly Role[] = ['http', 'http', 'worker', 'worker'];
/** Two processes with both roles and two workers. Only a process with both roles can claim a run by the statement that makes it due. */
export const mixed: readonly Role[] = ['all', 'all', 'worker', 'worker'];
/** Two processes with both roles under a supervisor, and processes on other machines. */
export const supervised: readonly MemberRole[] = ['supervised', 'http', 'worker', 'worker'];
/** One process with both roles. */
export const alone: readonly Role[] = ['all'];

/** Time in which a process still serves after SIGTERM. */
export const LAME_DUCK_SECONDS = 1;

/** Settings that the last release does not know: it refuses to start with them. */
const UNKNOWN = { ERRAND_LAME_DUCK_SECONDS: undefined, ERRAND_PROCESSES: undefined };

/** Lifetime of an approval in hours: 9 s, so that some expire in a test. */
const APPROVAL_HOURS = '0.0025';

export type ClusterOptions = {
  folder: string;
  guardian: Guardian;
  /** Origin of the third party, which publishes its OpenAPI document. */
  thirdParty: string;
  /** The program of the last release, for deploys. */
  release?: string | undefined;
  /** A disabled rule of the service, to prove that the checks notice it (`mutations.ts`). */
  broken?: ServiceRule | undefined;
  /** The roles of the processes; default `apart`. The first one must answer requests. */
  roles?: readonly MemberRole[];
  /** A primary with a standby instead of one server. `hosts`: every other process knows both. */
  pair?: (PairOptions & { hosts?: boolean }) | undefined;
  /** Additional settings of every process. */
  settings?: Readonly<Record<string, string>>;
};

/** Names all proxies in URLs that name the first one. */
function withHosts(env: Record<string, string>, [first, ...others]: readonly TcpProxy[]): Record<string, string> {
  const hostOf = ({ port }: TcpProxy) => `127.0.0.1:${port}`;
  const hosts = [hostOf(first!), ...others.map(hostOf)].join();
  return Object.fromEntries(Object.entries(env).map(([name, url]) => [name, url.replace(hostOf(first!), hosts)]));
}

/** Proxies of one process, which have the same faults. */
function asOne(proxies: readonly TcpProxy[]): TcpProxy {
  const sum = (counts: readonly number[]) => counts.reduce((a, b) => a + b, 0);
  return {
    ...proxies[0]!,
    set: async (weather) => void (await Promise.all(proxies.map((proxy) => proxy.set(weather)))),
    cut: () => sum(proxies.map((proxy) => proxy.cut())),
    loseAnswer: (...args) => Promise.race(proxies.map((proxy) => proxy.loseAnswer(...args))),
    size: () => sum(proxies.map((proxy) => proxy.size())),
    accepted: () => sum(proxies.map((proxy) => proxy.accepted())),
    close: async () => void (await Promise.all(proxies.map((proxy) => proxy.close()))),
  };
}

/** Processes of the service over one Postgres, each behind its own proxy. */
export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const { folder, guardian, thirdParty, broken, release, roles = apart, settings } = options;
  const closers: (() => unknown)[] = [];
  const close = async () => {
    for (const end of closers.splice(0).reverse()) await end();
  };
  try {
    const serverFolder = join(folder, 'postgres');
    const pair = options.pair && (await startPair(serverFolder, options.pair));
    const postgres = pair ?? (await startPostgres(serverFolder));
    // Postgres uses a separate folder when it cannot run in this one. It must be removed too, however the harness ends.
    for (const own of postgres.folders) if (!own.startsWith(folder)) guardian.guard(own);
    closers.push(() => postgres.stop().catch(() => {}));
    const masterKeys = masterKey();
    const add = async (memberRole: MemberRole, n: number, hasHosts = false): Promise<Member> => {
      const role = memberRole === 'supervised' ? 'all' : memberRole;
      const targets = hasHosts ? pair!.ports : [() => postgres.port];
      const proxies = await Promise.all(targets.map((port) => startProxy({ port })));
      // The last release knows no list of hosts.
      const ofRelease = hasHosts && release ? await startProxy({ port: () => postgres.port }) : proxies[0]!;
      const proxy = asOne([...new Set([...proxies, ofRelease])]);
      closers.push(() => proxy.close());
      const name = `${memberRole}-${n}`;
      const earlier = { ...databaseEnv(ofRelease.through(postgres.url)), ...UNKNOWN };
      const service = new Service(name, role, join(folder, name), {
        env: {
          ...withHosts(databaseEnv(proxy.through(postgres.url)), proxies),
          ERRAND_ROLE: role,
          ...(memberRole === 'supervised' && { ERRAND_PROCESSES: '2' }),
          ERRAND_MASTER_KEYS: masterKeys,
          ERRAND_EGRESS_ALLOW: thirdParty,
          ERRAND_APPROVAL_HOURS: APPROVAL_HOURS,
          ERRAND_LAME_DUCK_SECONDS: String(LAME_DUCK_SECONDS),
          ...settings,
        },
        broken,
        release: release === undefined ? undefined : { program: release, env: earlier },
      });
      closers.push(() => service.end('SIGKILL'));
      await service.begin();
      return { service, proxy, hasHosts };
    };
    // The first process migrates the database and creates the API key.
    const [first, ...others] = roles;
    const members = [await add(first!, 1)];
    const numberOf = (i: number) => roles.slice(0, i + 1).filter((role) => role === roles[i]).length;
    members.push(
      ...(await Promise.all(others.map((role, i) => add(role, numberOf(i + 1), options.pair?.hosts && i % 2 === 0)))),
    );
    const { apiKey } = members[0]!.service;
    return {
      postgres,
      pair,
      http: members.filter(({ service }) => service.role !== 'worker'),
      workers: members.filter(({ service }) => service.role !== 'http'),
      members,
      apiKey,
      integrations: await registerIntegrations(members[0]!.service, thirdParty),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function registerIntegrations({ apiKey, url }: Service, thirdParty: string): Promise<Integrations> {
  const register = async (name: string, auth: object, of: object = { url: `${thirdParty}/openapi.json` }) => {
    const body = JSON.stringify({ name, kind: 'openapi', auth, enable: 'all', ...of });
    const headers = { 'x-api-key': apiKey, 'content-type': 'application/json' };
    const answer = await fetch(`${url}/v1/integrations`, { method: 'POST', headers, body });
    if (answer.status !== 201) throw new Error(`${name} was not registered: ${await answer.text()}`);
    return ((await answer.json()) as { customerIntegrationId: string }).customerIntegrationId;
  };
  const notes = await register('Notes', { type: 'NONE' });
  const vault = await register('Vault', { type: 'API_TOKEN' });
  const mcp = { kind: 'mcp', url: `${thirdParty}/mcp`, trustHints: true };
  const seats = await register('Seats', { type: 'NONE' }, mcp);
  return { notes, vault, seats };
}
