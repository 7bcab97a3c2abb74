import { join } from 'node:path';
import { masterKey } from '@errand/db/testing';
import { startProxy, type TcpProxy } from '../fixtures/proxy.ts';
import { databaseEnv } from '../fixtures/server.ts';
import type { Guardian } from './guardian.ts';
import type { BrokenRule } from './mutations.ts';
import { type Postgres, startPostgres } from './postgres.ts';
import { type Role, Service } from './service.ts';

/** A process with its own proxy to Postgres. */
export type Member = { service: Service; proxy: TcpProxy };

export type Cluster = {
  postgres: Postgres;
  http: readonly Member[];
  workers: readonly Member[];
  members: readonly Member[];
  apiKey: string;
  /** The third party, registered three times: without a token, with a token of each user, and as an MCP server. */
  integrations: Integrations;
  /** Ends all processes, including frozen ones. */
  close(): Promise<void>;
};

/** The customerIntegrationIds of the registrations. */
export type Integrations = { notes: string; vault: string; seats: string };

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

/** Lifetime of an approval in hours: 9 s, so that some expire in a test. */
const APPROVAL_HOURS = '0.0025';

export type ClusterOptions = {
  folder: string;
  guardian: Guardian;
  /** Origin of the third party, which publishes its OpenAPI document. */
  thirdParty: string;
  /** A disabled rule of the service, to prove that the checks notice it (`mutations.ts`). */
  broken?: BrokenRule | undefined;
  /** The roles of the processes; default `apart`. The first one must answer requests. */
  roles?: readonly MemberRole[];
  /** Additional settings of every process. */
  settings?: Readonly<Record<string, string>>;
};

/** Processes of the service over one Postgres, each behind its own proxy. */
export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const { folder, guardian, thirdParty, broken, roles = apart, settings } = options;
  const closers: (() => unknown)[] = [];
  const close = async () => {
    for (const end of closers.splice(0).reverse()) await end();
  };
  try {
    const postgres = await startPostgres(join(folder, 'postgres'));
    // Postgres uses a separate folder when it cannot run in this one. It must be removed too, however the harness ends.
    if (!postgres.folder.startsWith(folder)) guardian.guard(postgres.folder);
    closers.push(() => postgres.stop().catch(() => {}));
    const masterKeys = masterKey();
    const add = async (memberRole: MemberRole, n: number): Promise<Member> => {
      const role = memberRole === 'supervised' ? 'all' : memberRole;
      const proxy = await startProxy({ port: postgres.port });
      closers.push(() => proxy.close());
      const name = `${memberRole}-${n}`;
      const service = new Service(name, role, join(folder, name), {
        env: {
          ...databaseEnv(proxy.through(postgres.url)),
          ERRAND_ROLE: role,
          ...(memberRole === 'supervised' && { ERRAND_PROCESSES: '2' }),
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
    // The first process migrates the database and creates the API key.
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
