import { join } from 'node:path';
import { masterKey } from '@errand/db/testing';
import { startProxy, type TcpProxy } from '../fixtures/proxy.ts';
import { databaseEnv } from '../fixtures/server.ts';
import type { Guardian } from './guardian.ts';
import type { BrokenRule } from './mutations.ts';
import { type Postgres, startPostgres } from './postgres.ts';
import { Service } from './service.ts';

/** A process and its way to Postgres, which can be cut for it alone. */
export type Member = { service: Service; proxy: TcpProxy };

export type Cluster = {
  postgres: Postgres;
  http: readonly Member[];
  workers: readonly Member[];
  members: readonly Member[];
  apiKey: string;
  /** Of the third party. */
  integration: string;
  /** Ends all of it; also what is frozen. */
  close(): Promise<void>;
};

/** How long an approval waits, in hours: 9 s, since some are let pass. */
const approvalHours = '0.0025';

export type ClusterOptions = {
  /** Where all of it is. */
  folder: string;
  guardian: Guardian;
  /** Origin of the third party, which publishes its document. */
  thirdParty: string;
  /** The rule that every process is started without. */
  broken: BrokenRule | undefined;
};

/** Two doors and two workers over one Postgres, each as a process of its own. */
export async function startCluster({ folder, guardian, thirdParty, broken }: ClusterOptions): Promise<Cluster> {
  const closers: (() => unknown)[] = [];
  const close = async () => {
    for (const end of closers.splice(0).reverse()) await end();
  };
  try {
    const postgres = await startPostgres(join(folder, 'postgres'));
    if (!postgres.folder.startsWith(folder)) guardian.guard(postgres.folder);
    closers.push(() => postgres.stop().catch(() => {}));
    const masterKeys = masterKey();
    const add = async (role: 'http' | 'worker', n: number): Promise<Member> => {
      const proxy = await startProxy({ port: postgres.port });
      closers.push(() => proxy.close());
      const service = new Service(
        `${role}-${n}`,
        role,
        join(folder, `${role}-${n}`),
        {
          ...databaseEnv(proxy.through(postgres.url)),
          ERRAND_ROLE: role,
          ERRAND_MASTER_KEYS: masterKeys,
          ERRAND_EGRESS_ALLOW: thirdParty,
          ERRAND_APPROVAL_HOURS: approvalHours,
          ...(role === 'http' && {
            ERRAND_SEED: JSON.stringify([{ name: 'Notes', url: `${thirdParty}/openapi.json`, enable: 'all' }]),
          }),
        },
        broken,
      );
      closers.push(() => service.end('SIGKILL'));
      await service.begin();
      return { service, proxy };
    };
    // The first one migrates and registers.
    const http = [await add('http', 1)];
    http.push(await add('http', 2));
    const workers = await Promise.all([add('worker', 1), add('worker', 2)]);
    const { apiKey, url } = http[0]!.service;
    const listed = await fetch(`${url}/v1/integrations`, { headers: { 'x-api-key': apiKey } });
    const [notes] = (await listed.json()) as { customerIntegrationId: string }[];
    return {
      postgres,
      http,
      workers,
      members: [...http, ...workers],
      apiKey,
      integration: notes!.customerIntegrationId,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
