import { join } from 'node:path';
import { masterKey } from '@errand/db/testing';
import { startProxy, type TcpProxy } from '../fixtures/proxy.ts';
import { databaseEnv } from '../fixtures/server.ts';
import type { Guardian } from './guardian.ts';
import type { BrokenRule } from './mutations.ts';
import { type Postgres, startPostgres } from './postgres.ts';
import { type Role, Service } from './service.ts';

/** A process and its way to Postgres, which can be cut for it alone. */
export type Member = { service: Service; proxy: TcpProxy };

export type Cluster = {
  postgres: Postgres;
  http: readonly Member[];
  workers: readonly Member[];
  members: readonly Member[];
  apiKey: string;
  /** The third party, registered thrice: without a token, with a token of each user, and as an MCP server. */
  integrations: Integrations;
  /** Ends all processes, frozen ones too. */
  close(): Promise<void>;
};

/** The customerIntegrationIds of the registrations. */
export type Integrations = { notes: string; vault: string; seats: string };

/** Two processes that answer requests and two workers. */
export const apart: readonly Role[] = ['http', 'http', 'worker', 'worker'];
/** Two processes that do both and two workers. Only in a process that does both can the statement that makes a run due also claim it. */
export const mixed: readonly Role[] = ['all', 'all', 'worker', 'worker'];
/** One process that does both. */
export const alone: readonly Role[] = ['all'];

/** The time until an approval expires, in hours: 9 s, so that some expire in a test. */
const APPROVAL_HOURS = '0.0025';

export type ClusterOptions = {
  /** The folder of its data and logs. */
  folder: string;
  guardian: Guardian;
  /** Origin of the third party, which publishes its OpenAPI document. */
  thirdParty: string;
  /** A rule of the service that is switched off in every process, to prove that the checks notice it (`mutations.ts`). */
  broken?: BrokenRule | undefined;
  /** What each process does; default `apart`. The first one must answer requests. */
  roles?: readonly Role[];
  /** Settings of every process beyond those that the harness needs. */
  settings?: Readonly<Record<string, string>>;
};

/** Processes of the service over one Postgres, each behind a proxy of its own. */
export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const { folder, guardian, thirdParty, broken, roles = apart, settings } = options;
  const closers: (() => unknown)[] = [];
  const close = async () => {
    for (const end of closers.splice(0).reverse()) await end();
  };
  try {
    const postgres = await startPostgres(join(folder, 'postgres'));
    // Postgres has a folder of its own when it cannot run in this one. It must be removed too, however the harness ends.
    if (!postgres.folder.startsWith(folder)) guardian.guard(postgres.folder);
    closers.push(() => postgres.stop().catch(() => {}));
    const masterKeys = masterKey();
    const add = async (role: Role, n: number): Promise<Member> => {
      const proxy = await startProxy({ port: postgres.port });
      closers.push(() => proxy.close());
      const service = new Service(`${role}-${n}`, role, join(folder, `${role}-${n}`), {
        env: {
          ...databaseEnv(proxy.through(postgres.url)),
          ERRAND_ROLE: role,
          ERRAND_MASTER_KEYS: masterKeys,
          ERRAND_EGRESS_ALLOW: thirdParty,
          ERRAND_APPROVAL_HOURS: APPROVAL_HOURS,
          ...settings,
        },
        broken,
      });
      closers.push(() => service.end('SIGKILL'));
      await service.begin();
      return { service, proxy };
    };
    // The first one migrates the database and creates the API key.
    const [first, ...others] = roles;
    const members = [await add(first!, 1)];
    const numberOf = (i: number) => roles.slice(0, i + 1).filter((role) => role === roles[i]).length;
    members.push(...(await Promise.all(others.map((role, i) => add(role, numberOf(i + 1))))));
    const { apiKey, url } = members[0]!.service;
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
    return {
      postgres,
      http: members.filter(({ service }) => service.role !== 'worker'),
      workers: members.filter(({ service }) => service.role !== 'http'),
      members,
      apiKey,
      integrations: { notes, vault, seats },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
