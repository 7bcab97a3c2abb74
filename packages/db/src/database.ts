import { type Principal, system } from '@errand/contracts';
import { PrismaPg } from '@prisma/adapter-pg';
import { LRUCache } from 'lru-cache';
import pg from 'pg';
import { actions } from './actions/actions.ts';
import { apiKeys } from './api-keys/api-keys.ts';
import { listAudit } from './audit/read.ts';
import { sealAudit } from './audit/seal.ts';
import { type AuditNote, audit } from './audit/write.ts';
import { credentials } from './credentials/credentials.ts';
import { grants } from './credentials/grants.ts';
import { oauthClients } from './credentials/oauth-clients.ts';
import { pendingConsents } from './credentials/pending-consents.ts';
import { rejections } from './credentials/rejections.ts';
import { rules } from './decisions/rules.ts';
import { PrismaClient } from './generated/client.ts';
import { integrations } from './integrations/integrations.ts';
import { refreshes } from './integrations/refresh.ts';
import { toolChoice } from './integrations/tool-choice.ts';
import { IS_READ_ONLY, PrimaryWatch, ReadOnlyServer } from './primary/primary-watch.ts';
import { boundPool, MAX_WORKSPACES } from './rls/bound-pool.ts';
import { boundPrisma } from './rls/bound-prisma.ts';
import { checkLogins, weaknesses } from './rls/logins.ts';
import { type Login, takeRole } from './rls/take-role.ts';
import { WorkspaceLimit } from './rls/workspace-limit.ts';
import { executionPlans } from './runs/execution-plans.ts';
import { feedback } from './runs/feedback.ts';
import { batchPoolOptions, Transitions } from './runs/transitions/transitions.ts';
import { pauseOrphans } from './schedules/due.ts';
import { schedules } from './schedules/schedules.ts';
import { sessionConfig } from './sessions.ts';
import type { Runner } from './statements/scope.ts';
import { seenOutputs, tools } from './tools/tools.ts';
import { readUsage } from './usage/read.ts';
import { users } from './users/users.ts';
import { checkCanary } from './vault/canary.ts';
import { SealingWatch } from './vault/readers.ts';
import { reseal } from './vault/reseal.ts';
import { Vault } from './vault/vault.ts';
import { deliveries } from './webhooks/deliveries.ts';
import { webhooks } from './webhooks/webhooks.ts';
import { workspaceName, workspaces } from './workspaces/workspaces.ts';

export type DatabaseOptions = {
  /** URL of a login that may take the role errand_system. */
  url: string;
  /** URL of a login that may take the role errand_app, and preferably no other role; `url` by default. */
  tenantUrl?: string;
  /** `id:base64` each. All of them open secrets. The database says which one seals; in a new database it is the first. */
  masterKeys: readonly string[];
  /** Connections of this process at most: 40 % serve callers, the rest runs and the queue, at least two each. The batch pool has two more. */
  poolSize?: number;
  /** The application name in pg_stat_activity. */
  applicationName?: string;
  /** The server cancels statements that take longer, in ms; a connection that is silent for another second is closed. */
  statementTimeoutMs?: number;
  /** How long to wait for a connection, in ms. */
  connectTimeoutMs?: number;
  /** How long the check of an API key is cached, in ms; at most 60 s. */
  apiKeyTtlMs?: number;
  /** Called when an idle connection broke; the pool replaces it. For the log. */
  onError?: (error: Error) => void;
  /** Called when a new connection did not have its role and was closed, or this process lacks the master key that seals. For the log. */
  onRefused?: (error: Error) => void;
};

type Role = 'errand_app' | 'errand_system';

export type Db = ReturnType<typeof openDatabase>;
export type WorkspaceDb = ReturnType<Db['forWorkspace']>;

/** Opens the database. It connects when it is first used; `ready()` checks it. */
export function openDatabase({
  url,
  tenantUrl = url,
  masterKeys,
  poolSize = 10,
  applicationName = 'errand',
  statementTimeoutMs = 5000,
  connectTimeoutMs = 3000,
  apiKeyTtlMs = 30_000,
  onError = () => {},
  onRefused = () => {},
}: DatabaseOptions) {
  const vault = new Vault(masterKeys);
  const settings = { applicationName, statementTimeoutMs, connectTimeoutMs };
  const logins = new Map<Role, Login>();
  const watches: Record<Role, PrimaryWatch> = { errand_app: new PrimaryWatch(), errand_system: new PrimaryWatch() };
  async function check(client: pg.ClientBase, role: Role): Promise<void> {
    try {
      logins.set(role, await takeRole(client, role));
      watches[role].accept();
    } catch (error) {
      if (error instanceof ReadOnlyServer) watches[role].refuse();
      onRefused(error as Error);
      throw error;
    }
  }
  const sessionAs = (role: Role, options: Readonly<Record<string, string>> = {}) =>
    sessionConfig(role === 'errand_app' ? tenantUrl : url, { ...settings, options: { ...options, role } });
  function poolAs(role: Role, max: number, { pipeline = false, options = {}, idleMs = 60_000 } = {}): pg.Pool {
    const made = new pg.Pool({
      ...sessionAs(role, options),
      ...{ pipeline, max, idleTimeoutMillis: idleMs, Client: watches[role].Client },
      // Each connection is checked before its first statement. The `verify` option of the pool would lose a connection whose check takes longer
      // than the request for it waits.
      onConnect: (client) => check(client, role),
    } as pg.PoolConfig);
    made.on('error', onError);
    // A connection that breaks while it is in use fails its query; the event itself must not end the process.
    made.on('connect', (client) => void client.on('error', () => {}));
    watches[role].watchPool(made);
    return made;
  }
  // `pool` is for statements over all workspaces, `tenants` for those of one workspace, under row-level security.
  const serving = Math.max(2, Math.round(poolSize * 0.4));
  const pool = poolAs('errand_system', Math.max(2, poolSize - serving));
  const tenants = poolAs('errand_app', serving, { pipeline: true });
  const batchPool = poolAs('errand_system', 2, { options: batchPoolOptions, idleMs: 0 });
  const clock = poolAs('errand_system', 3);
  const sealing = new SealingWatch(pool, vault, onRefused);
  const prisma = new PrismaClient({ adapter: new PrismaPg(pool) });
  // One workspace has at most half of the connections, so that it cannot block the others.
  const limit = new WorkspaceLimit({ maxHeld: Math.floor(serving / 2), waitMs: connectTimeoutMs });
  const bound = boundPrisma(tenants, limit);
  const pools = new LRUCache<string, pg.Pool>({
    max: MAX_WORKSPACES,
    memoMethod: (workspaceId) => boundPool(tenants, () => workspaceId, limit),
  });
  const poolOf = (workspaceId: string) => pools.memo(workspaceId);
  const bypassingRlsOf = (workspaceId: string): Runner =>
    ({
      query: (config: pg.QueryConfig) => limit.run(workspaceId, () => pool.query(config)),
    }) as Runner;

  return {
    /** For statements over all workspaces, and for the queue. */
    pool,
    /** For statements of one workspace: row-level security hides the rows of others. */
    poolOf,
    /** The same without row-level security, for the few statements that would be slow with it; they name the workspace themselves. */
    bypassingRlsOf,
    /** For claims and batches of transitions: sessions with the settings `batchPoolOptions`. */
    batchPool,
    transitions: new Transitions(batchPool),
    /** For periodic tasks, which hold one of its connections while they wait. */
    clock,
    vault,
    workspaces: workspaces(prisma),
    apiKeys: apiKeys(prisma, pool, vault, Math.min(apiKeyTtlMs, 60_000)),

    /**
     * The repositories of one workspace; they cannot reach rows of another.
     * @param actor the principal that acts, for the audit log
     */
    forWorkspace(workspaceId: string, actor: Principal = system) {
      const scope = { pool: poolOf(workspaceId), workspaceId };
      const scoped = { ...scope, prisma: bound.of(workspaceId), vault, actor };
      return {
        users: users(scope),
        /** What its ended runs came to. */
        usage: (range: Parameters<typeof readUsage>[1]) =>
          readUsage({ ...scope, bypassingRls: bypassingRlsOf(workspaceId) }, range),
        /** The name of the workspace, for people; undefined while nobody has named it. */
        workspaceName: () => workspaceName(scoped),
        audit: {
          /** Writes an audit entry in a transaction of its own. */
          add: (note: Omit<AuditNote, 'actor'>) => audit(scope, { ...note, actor }),
          list: (filter: Parameters<typeof listAudit>[1], limit: number) => listAudit(scope, filter, limit),
        },
        integrations: { ...integrations(scoped), ...refreshes(scoped) },
        tools: { ...tools(scoped), ...seenOutputs(scoped), ...toolChoice(scoped) },
        rules: rules(scoped),
        actions: actions(scoped, bypassingRlsOf(workspaceId)),
        credentials: { ...credentials(scoped), ...rejections(scoped) },
        grants: grants({ ...scope, vault, actor }),
        oauthClients: oauthClients({ ...scope, vault }),
        pendingConsents: pendingConsents({ ...scope, vault }),
        feedback: feedback(scoped),
        executionPlans: executionPlans(scoped),
        schedules: { ...schedules(scoped), pauseOrphans: () => pauseOrphans(pool, workspaceId) },
        webhooks: webhooks(scoped),
        deliveries: deliveries(scope),
      };
    },

    /** Resolves when the database answers, is migrated and was sealed with these master keys. @throws Error that says what to do */
    async ready(): Promise<void> {
      await checkLogins(pool, tenants);
      await checkCanary(pool, vault);
      await sealing.start();
    },

    /**
     * Resolves when the database answers and accepts writes.
     * @throws ReadOnlyServer, or the error of the database
     */
    async ping(): Promise<void> {
      const pinged: [Role, pg.Pool][] = [['errand_system', pool]];
      // Otherwise callers use it often enough to notice a refusal.
      if (watches.errand_app.isRefusing) pinged.push(['errand_app', tenants]);
      await Promise.all(
        pinged.map(async ([role, of]) => {
          const { rows } = await of.query<{ readOnly: boolean }>(`SELECT ${IS_READ_ONLY} AS "readOnly"`);
          if (!rows[0]!.readOnly) return;
          watches[role].refuse();
          throw new ReadOnlyServer();
        }),
      );
    },

    /** How the logins weaken row-level security and what to do, one sentence each; known after `ready`. */
    weaknesses: () => weaknesses(logins.get('errand_app')),

    /** Adds new audit entries to their chains; see `sealAudit`. */
    sealAudit: () => sealAudit(pool),

    /** Makes the first master key the sealing one and seals every credential again with it, so that the others can be removed. */
    reseal: () => reseal(pool, vault),

    /** Opens a connection outside the pools, for LISTEN and session locks; the caller ends it. */
    async connect(): Promise<pg.Client> {
      const client = watches.errand_system.newClient(sessionAs('errand_system'));
      client.on('error', onError);
      await client.connect();
      await check(client, 'errand_system').catch(async (error) => {
        await client.end();
        throw error;
      });
      return client;
    },

    async close(): Promise<void> {
      await sealing.stop();
      await Promise.all([prisma.$disconnect(), bound.close()]);
      await Promise.all([pool.end(), tenants.end(), batchPool.end(), clock.end()]);
    },
  };
}
