import { type Principal, system } from '@errand/contracts';
import { PrismaPg } from '@prisma/adapter-pg';
import { LRUCache } from 'lru-cache';
import type pg from 'pg';
import { actions } from './actions/actions.ts';
import { apiKeys } from './api-keys/api-keys.ts';
import { sealAudit } from './audit/chain.ts';
import { listAudit, readAuditChain } from './audit/read.ts';
import { type AuditNote, audit } from './audit/write.ts';
import { brand } from './brand/brand.ts';
import { type ConnectionOptions, Connections, withDefaults } from './connections.ts';
import { consentSettings } from './credentials/consent-settings.ts';
import { storedSecrets, userCredentials } from './credentials/credentials.ts';
import { grantLeases, grantScopes, grants } from './credentials/grants.ts';
import { oauthClients } from './credentials/oauth-clients.ts';
import { pendingConsents } from './credentials/pending-consents.ts';
import { rejections } from './credentials/rejections.ts';
import { unconfirmedConsents } from './credentials/unconfirmed-consents.ts';
import { userVariables } from './credentials/user-variables.ts';
import { rules } from './decisions/rules.ts';
import { PrismaClient } from './generated/client.ts';
import { inspections } from './integrations/inspections.ts';
import { integrations } from './integrations/integrations.ts';
import { refreshes } from './integrations/refresh.ts';
import { ownVariables } from './integrations/settings.ts';
import { toolChoice } from './integrations/tool-choice.ts';
import { toolReview } from './integrations/tool-review.ts';
import { readMigrationState } from './migrate/migrate.ts';
import { browserOrigins } from './origins/browser-origins.ts';
import { origins } from './origins/origins.ts';
import { consoleLogins } from './people/console-logins.ts';
import { identities } from './people/identities.ts';
import { instancePeople } from './people/instance-people.ts';
import { instanceWorkspaces } from './people/instance-workspaces.ts';
import { consoleLinks } from './people/links.ts';
import { members } from './people/members.ts';
import { people } from './people/people.ts';
import { platformKeys } from './people/platform-keys.ts';
import { sessions } from './people/sessions.ts';
import { readHold } from './restores/hold.ts';
import { removeRun } from './retention/remove-runs.ts';
import { addErasureJob } from './retention/user-erasures.ts';
import { boundPool, MAX_WORKSPACES } from './rls/bound-pool.ts';
import { boundPrisma } from './rls/bound-prisma.ts';
import { WorkspaceLimit } from './rls/workspace-limit.ts';
import { feedback } from './runs/feedback.ts';
import { readPlan } from './runs/read.ts';
import { Transitions } from './runs/transitions/transitions.ts';
import { pauseOrphans } from './schedules/due-schedules.ts';
import { schedules } from './schedules/schedules.ts';
import type { Runner } from './statements/scope.ts';
import { readClockSkew } from './status/clock-skew.ts';
import { databaseStatus } from './status/database-status.ts';
import { readGrowth } from './status/growth.ts';
import { loadReader } from './status/instance-load.ts';
import { integrationAddresses } from './status/integration-addresses.ts';
import { readReplication } from './status/replication.ts';
import { answerForms, tools } from './tools/tools.ts';
import { readUsage } from './usage/read.ts';
import { runOwners } from './user-tokens/run-owners.ts';
import { userTokens } from './user-tokens/user-tokens.ts';
import { users } from './users/users.ts';
import { checkCanary, checkMasterKeys } from './vault/canary.ts';
import { reseal } from './vault/reseal.ts';
import { SealingKeyWatch } from './vault/sealing-key.ts';
import { Vault } from './vault/vault.ts';
import { deliveries } from './webhooks/deliveries.ts';
import { webhooks } from './webhooks/webhooks.ts';
import { KnownSettings } from './workspaces/workspace-settings.ts';
import type { WorkspaceScope } from './workspaces/workspaces.ts';
import { workspaceName, workspaces } from './workspaces/workspaces.ts';

export type DatabaseOptions = ConnectionOptions & {
  /** `id:base64` each. Each opens secrets. The database names the sealing key; in a new database it is the first. */
  masterKeys: readonly string[];
  /** Cache time of API key checks, in ms; at most 60 s. */
  apiKeyTtlMs?: number;
};

/** Interfaces, so that declarations of other packages can name them. */
export interface Db extends ReturnType<typeof open> {}
export interface WorkspaceDb extends ReturnType<typeof repositories> {}

/** Milliseconds. The pool has its own timeouts; a start and commands of operators also succeed on a busy machine. */
const TRANSACTIONS = { maxWait: 10_000, timeout: 20_000 };

/** Opens the database without connecting. Call `ready()` to check it. */
export const openDatabase = (options: DatabaseOptions): Db => open(options);

function open({ masterKeys, apiKeyTtlMs = 30_000, ...options }: DatabaseOptions) {
  const vault = new Vault(masterKeys);
  const settings = withDefaults(options);
  const connections = new Connections(settings);
  const { pool, batchPool, clock } = connections;
  const sealing = new SealingKeyWatch(pool, vault, settings.onRefused);
  const workspaceSettings = new KnownSettings(pool);
  const prisma = new PrismaClient({ adapter: new PrismaPg(pool), transactionOptions: TRANSACTIONS });
  const tokens = userTokens(pool, vault);
  const bound = boundTo(connections, settings.connectTimeoutMs);

  return {
    /** For statements across workspaces, and for the queue. */
    pool,
    poolOf: bound.poolOf,
    bypassingRlsOf: bound.bypassingRlsOf,
    /** For claims and batches of transitions: its sessions have the settings `batchPoolOptions`. */
    batchPool,
    transitions: new Transitions(batchPool),
    /** For periodic tasks, which occupy a connection while they wait. */
    clock,
    vault,
    workspaces: workspaces(prisma),
    apiKeys: apiKeys(prisma, pool, vault, { ttlMs: Math.min(apiKeyTtlMs, 60_000), onChange: tokens.forget }),
    userTokens: tokens,

    ...repositoriesOfPeople(pool, vault),
    /** Limits and suspension of workspaces, some seconds old. */
    workspaceSettings,
    ...supervision(connections),

    /** The repositories of one workspace, which cannot reach rows of another. @param actor the principal for the audit log */
    forWorkspace: (workspaceId: string, actor: Principal = system): WorkspaceDb =>
      repositories(
        { pool: bound.poolOf(workspaceId), prisma: bound.prismaOf(workspaceId), workspaceId, vault, actor },
        { system: pool, bypassingRls: bound.bypassingRlsOf(workspaceId) },
      ),

    /** Resolves when the database answers, is migrated and was sealed with these master keys. @throws Error with instructions */
    async ready(): Promise<void> {
      await connections.checkLogins();
      await checkCanary(pool, vault);
      await sealing.start();
      await workspaceSettings.start();
    },

    checks: checks(connections, vault),
    listeners: sealing.listeners,
    announceListener: (listensAt: readonly string[]) => sealing.announceListener(listensAt),
    ping: connections.ping,
    /** Empty before `ready`; see `Connections`. */
    weaknesses: connections.weaknesses,
    connect: connections.connect,

    sealAudit: () => sealAudit(pool),

    /** Makes the first master key the sealing key and reseals all secrets, so that other keys can be removed. */
    reseal: () => reseal(pool, vault),

    async close(): Promise<void> {
      await sealing.stop();
      await workspaceSettings.stop();
      await Promise.all([prisma.$disconnect(), bound.close()]);
      await connections.end();
    },
  };
}

/** The state of the instance, and of the pools of this process. */
const supervision = ({ pool, poolUse }: Connections) => ({
  status: databaseStatus(pool),
  /** A reader of the load. @param slots of a workspace without a limit of its own */
  loadReader: (slots?: number) => loadReader(pool, slots),
  poolUse,
});

/** Checks that change nothing, for a diagnosis. They need no `ready`. */
const checks = ({ pool, tenantPool, checkLogins }: Connections, vault: Vault) => ({
  /** @throws Error with instructions if the database does not answer, is read-only, or a login lacks its role */
  logins: checkLogins,
  /** @throws Error with instructions if the master keys do not belong to the database */
  masterKeys: () => checkMasterKeys(pool, vault),
  /** @param accepted the last applied migration, if this version may ignore later ones @throws Error with instructions if it lacks one, or one failed */
  migrations: (accepted?: string) => readMigrationState(pool, accepted),
  clockSkew: () => readClockSkew(pool),
  replication: () => readReplication([pool, tenantPool]),
  /** The growth of the data; undefined if there are too few runs to tell. */
  growth: (eventDays?: number) => readGrowth(pool, eventDays),
  hold: () => readHold(pool),
  integrationAddresses: () => integrationAddresses(pool),
});

/** People and workspaces of the instance; without row-level security. */
const repositoriesOfPeople = (pool: pg.Pool, vault: Vault) => ({
  people: people(pool),
  instanceWorkspaces: instanceWorkspaces(pool, vault),
  instancePeople: instancePeople(pool),
  platformKeys: platformKeys(pool, vault),
  members: members(pool),
  sessions: sessions(pool, vault),
  consoleLinks: consoleLinks(pool, vault),
  consoleLogins: consoleLogins(pool, vault),
  identities: identities(pool),
  /** Begins with the removal of the data of erased users. */
  addErasureJob: () => addErasureJob(pool),
});

/** Pools and clients for each workspace. One workspace gets at most half of the connections, so that it cannot block others. */
function boundTo({ pool, tenantPool: tenants, tenantPoolSize: serving }: Connections, waitMs: number) {
  const limit = new WorkspaceLimit({ maxConnections: Math.floor(serving / 2), waitMs });
  const bound = boundPrisma(tenants, limit);
  const pools = new LRUCache<string, pg.Pool>({
    max: MAX_WORKSPACES,
    memoMethod: (workspaceId) => boundPool(tenants, () => workspaceId, limit),
  });
  return {
    /** For statements of one workspace, under row-level security. */
    poolOf: (workspaceId: string): pg.Pool => pools.memo(workspaceId),
    /** Without row-level security, for the few statements that it makes slow. They filter by workspace themselves. */
    bypassingRlsOf: (workspaceId: string): Runner =>
      ({ query: (config: pg.QueryConfig) => limit.run(workspaceId, () => pool.query(config)) }) as Runner,
    prismaOf: bound.of,
    close: bound.close,
  };
}

/** @param system the pool for all workspaces @param bypassingRls for this workspace, without row-level security */
function repositories(scoped: WorkspaceScope, { system, bypassingRls }: { system: pg.Pool; bypassingRls: Runner }) {
  const { pool, workspaceId, actor } = scoped;
  const scope = { pool, workspaceId };
  return {
    users: users(scope),
    runs: { remove: (runId: string) => removeRun(system, scoped, runId) },
    usage: (range: Parameters<typeof readUsage>[1]) => readUsage({ ...scope, bypassingRls }, range),
    workspaceName: () => workspaceName(scoped),
    audit: {
      /** Writes an audit entry in a separate transaction. */
      add: (note: Omit<AuditNote, 'actor'>) => audit(scope, { ...note, actor }),
      list: (filter: Parameters<typeof listAudit>[1], limit: number) =>
        listAudit({ ...scope, bypassingRls }, filter, limit),
      chain: (afterSeq: number, limit: number) => readAuditChain(scope, afterSeq, limit),
    },
    integrations: { ...integrations(scoped), ...refreshes(scoped) },
    tools: { ...tools(scoped), ...answerForms(scoped), ...toolChoice(scoped), ...toolReview(scoped) },
    inspections: inspections(scoped, system),
    origins: origins(scoped),
    brand: brand(scoped),
    browserOrigins: browserOrigins(scoped),
    rules: rules(scoped),
    actions: actions(scoped, bypassingRls),
    credentials: { ...userCredentials(scoped), ...storedSecrets(scoped), ...rejections(scoped) },
    variables: { ...userVariables(scoped), ...ownVariables(scoped) },
    grants: { ...grants(scoped), ...grantScopes(scoped), ...grantLeases(scoped) },
    oauthClients: oauthClients(scoped),
    pendingConsents: pendingConsents(scoped),
    unconfirmedConsents: unconfirmedConsents(scoped),
    consentSettings: consentSettings(scoped, system),
    feedback: feedback(scoped),
    runOwners: runOwners(scope),
    executionPlans: { get: (executionPlanId: string) => readPlan(scope, executionPlanId) },
    schedules: { ...schedules(scoped), pauseOrphans: () => pauseOrphans(system, workspaceId) },
    webhooks: webhooks(scoped),
    deliveries: deliveries(scope),
  };
}
