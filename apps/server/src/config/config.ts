import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { ApprovalStrategy, Secret, type TokenIssuer } from '@errand/contracts';
import type { RunRetention, WebhookRetention } from '@errand/db';
import { type FaultSetting, parseFaults } from '../failpoints.ts';
import { type ModelConfig, modelNames, modelOf } from './model.ts';
import type { Seed } from './seed.ts';
import {
  ConfigError,
  choice,
  flag,
  hours,
  origins,
  proxy,
  publicUrl,
  seeds,
  timeZone,
  tokenIssuers,
  whole,
} from './setting.ts';

/** Every variable that the service reads. `process.env` is read here and nowhere else. */
export const names = [
  'PORT',
  'HOST',
  'PUBLIC_URL',
  'DATABASE_URL',
  'ERRAND_TENANT_DATABASE_URL',
  'ERRAND_OWNER_DATABASE_URL',
  'LOG_LEVEL',
  'ERRAND_PORT',
  'ERRAND_DATA_DIR',
  'ERRAND_ROLE',
  'ERRAND_MASTER_KEYS',
  'ERRAND_EGRESS_ALLOW',
  'ERRAND_EGRESS_PROXY',
  'ERRAND_REDIRECT_ORIGINS',
  'ERRAND_STS_URL',
  'ERRAND_TOKEN_ISSUERS',
  ...modelNames,
  'ERRAND_TIME_ZONE',
  'ERRAND_WORKER_CONCURRENCY',
  'ERRAND_WORKSPACE_CONCURRENCY',
  'ERRAND_MAX_BACKLOG',
  'ERRAND_MAX_WORKSPACE_BACKLOG',
  'ERRAND_POOL_SIZE',
  'ERRAND_MAX_OUTPUT_MIB',
  'ERRAND_OUTPUT_MEMORY_MIB',
  'ERRAND_RATE_LIMIT',
  'ERRAND_TRUSTED_PROXIES',
  'ERRAND_FOUR_EYES',
  'ERRAND_APPROVAL_FLOOR',
  'ERRAND_TAINT',
  'ERRAND_APPROVAL_HOURS',
  'ERRAND_EFFECT_HOURS',
  'ERRAND_EVENT_DAYS',
  'ERRAND_OUTPUT_DAYS',
  'ERRAND_RUN_DAYS',
  'ERRAND_WEBHOOK_DAYS',
  'ERRAND_SEED',
  'ERRAND_FAULTS',
] as const;
type Name = (typeof names)[number];
export type Env = Readonly<Partial<Record<Name, string>>>;

export const roles = ['http', 'worker', 'all'] as const;
export const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

export type Config = {
  /** Whether this process serves HTTP, runs the worker, or both. */
  role: (typeof roles)[number];
  /** Whether to tell the parent process when Postgres is ready. */
  progress: boolean;
  host: string;
  /** 0: any free port. */
  port: number;
  /** URL of the service for callers, without a trailing slash; absent: the address on which it listens. */
  publicUrl?: string;
  /** Folder of the embedded database, its keys and `dev.json`. */
  dataDir: string;
  /** Absent: the service starts the embedded database. */
  databaseUrl?: Secret;
  /** Logins for requests of callers, and for migrations; absent: `databaseUrl`. */
  tenantDatabaseUrl?: Secret;
  ownerDatabaseUrl?: Secret;
  /** Absent: generated on the first start and stored in the data directory. */
  masterKeys?: Secret;
  /** Origins that tools may call although their addresses are private. */
  egressAllow: string[];
  /** Proxy for all other outbound calls; its URL may contain a password. */
  egressProxy?: Secret;
  /** Origins to which users may be redirected after a consent, in addition to that of the service. */
  redirectOrigins: string[];
  /** URL at which AWS roles are assumed; absent: the Security Token Service of the region. */
  stsUrl?: string;
  /** Trusted issuers of access tokens for `/mcp`. */
  tokenIssuers: TokenIssuer[];
  /** Default time zone of users; absent: UTC. */
  timeZone?: string;
  /** Absent: the built-in planner. */
  model?: ModelConfig;
  logLevel: (typeof logLevels)[number];
  workerConcurrency?: number;
  /** Runs of one workspace that execute at once, over all processes. */
  workspaceConcurrency?: number;
  /** Open runs at which new runs are refused: in total, and for one workspace. */
  maxBacklog?: number;
  maxWorkspaceBacklog?: number;
  poolSize?: number;
  /** Maximum outputs of one run, and memory for the outputs of all runs of this process, in MiB. */
  maxOutputMib?: number;
  outputMemoryMib?: number;
  /** Maximum requests of a key per minute, over all processes; 0: no limit. */
  rateLimit?: number;
  /** Number of proxies before this process whose X-Forwarded-For is trusted. */
  trustedProxies: number;
  /** Whether the requester of a run may not decide about it. */
  fourEyes: boolean;
  /** Minimum approvals of every run, whatever its strategy. */
  approvalFloor: ApprovalStrategy;
  /** Whether a write to one integration needs approval after a read from another. */
  taint: boolean;
  /** Time after which open approvals and uncertain effects expire. */
  approvalMs?: number;
  effectMs?: number;
  /** Retention of the data of ended runs; without a number, unlimited. */
  keep: RunRetention & WebhookRetention;
  /** Integrations to register in the default workspace unless their names exist. */
  seed: Seed[];
  /** For tests only: deliberate faults of this process. */
  faults?: FaultSetting;
};

/** Reads the environment. @throws ConfigError if it contains an unknown `ERRAND_` variable */
export function readEnv(): Env {
  const unknown = Object.keys(process.env).find((name) => name.startsWith('ERRAND_') && !isName(name));
  if (unknown) throw new ConfigError(unknown, `is not a setting of Errand. The settings are: ${names.join(', ')}.`);
  // Compose files and shells write unset variables as empty ones.
  return Object.fromEntries(names.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])));
}

const isName = (name: string): name is Name => (names as readonly string[]).includes(name);

/**
 * Parses the environment and the command line, which has priority.
 * @throws ConfigError with the variable at fault and its valid values
 */
export function toConfig(env: Env, argv: readonly string[] = []): Config {
  const argumentValues = argumentsOf(argv);
  const role = choice('ERRAND_ROLE', argumentValues.role ?? env.ERRAND_ROLE ?? 'all', roles);
  if (role !== 'all' && !env.DATABASE_URL) {
    throw new ConfigError('DATABASE_URL', `must be set for the role ${role}: processes share one Postgres.`);
  }
  return {
    role,
    progress: argumentValues.progress ?? false,
    host: env.HOST ?? '127.0.0.1',
    port: portOf(env),
    publicUrl: env.PUBLIC_URL && publicUrl('PUBLIC_URL', env.PUBLIC_URL),
    dataDir: resolve(env.ERRAND_DATA_DIR ?? '.errand'),
    databaseUrl: databaseUrl('DATABASE_URL', env),
    tenantDatabaseUrl: databaseUrl('ERRAND_TENANT_DATABASE_URL', env),
    ownerDatabaseUrl: databaseUrl('ERRAND_OWNER_DATABASE_URL', env),
    masterKeys: env.ERRAND_MASTER_KEYS ? new Secret(env.ERRAND_MASTER_KEYS) : undefined,
    egressAllow: origins('ERRAND_EGRESS_ALLOW', env.ERRAND_EGRESS_ALLOW ?? ''),
    egressProxy: proxy('ERRAND_EGRESS_PROXY', env.ERRAND_EGRESS_PROXY),
    redirectOrigins: origins('ERRAND_REDIRECT_ORIGINS', env.ERRAND_REDIRECT_ORIGINS ?? ''),
    stsUrl: env.ERRAND_STS_URL && publicUrl('ERRAND_STS_URL', env.ERRAND_STS_URL),
    tokenIssuers: tokenIssuers('ERRAND_TOKEN_ISSUERS', env.ERRAND_TOKEN_ISSUERS, env.PUBLIC_URL),
    timeZone: timeZone('ERRAND_TIME_ZONE', env.ERRAND_TIME_ZONE),
    model: modelOf(env),
    logLevel: choice('LOG_LEVEL', env.LOG_LEVEL ?? 'info', logLevels),
    workerConcurrency: whole('ERRAND_WORKER_CONCURRENCY', env.ERRAND_WORKER_CONCURRENCY, 1, 1000),
    workspaceConcurrency: whole('ERRAND_WORKSPACE_CONCURRENCY', env.ERRAND_WORKSPACE_CONCURRENCY, 1, 10_000),
    maxBacklog: whole('ERRAND_MAX_BACKLOG', env.ERRAND_MAX_BACKLOG, 1, 10_000_000),
    maxWorkspaceBacklog: whole('ERRAND_MAX_WORKSPACE_BACKLOG', env.ERRAND_MAX_WORKSPACE_BACKLOG, 1, 10_000_000),
    poolSize: whole('ERRAND_POOL_SIZE', env.ERRAND_POOL_SIZE, 2, 1000),
    maxOutputMib: whole('ERRAND_MAX_OUTPUT_MIB', env.ERRAND_MAX_OUTPUT_MIB, 1, 1024),
    outputMemoryMib: whole('ERRAND_OUTPUT_MEMORY_MIB', env.ERRAND_OUTPUT_MEMORY_MIB, 1, 65_536),
    rateLimit: whole('ERRAND_RATE_LIMIT', env.ERRAND_RATE_LIMIT, 0, 100_000_000),
    trustedProxies: whole('ERRAND_TRUSTED_PROXIES', env.ERRAND_TRUSTED_PROXIES, 0, 20) ?? 0,
    fourEyes: flag('ERRAND_FOUR_EYES', env.ERRAND_FOUR_EYES),
    approvalFloor: choice('ERRAND_APPROVAL_FLOOR', env.ERRAND_APPROVAL_FLOOR ?? 'NONE', ApprovalStrategy.options),
    taint: flag('ERRAND_TAINT', env.ERRAND_TAINT),
    approvalMs: hours('ERRAND_APPROVAL_HOURS', env.ERRAND_APPROVAL_HOURS),
    effectMs: hours('ERRAND_EFFECT_HOURS', env.ERRAND_EFFECT_HOURS),
    keep: {
      eventDays: days('ERRAND_EVENT_DAYS', env),
      outputDays: days('ERRAND_OUTPUT_DAYS', env),
      runDays: days('ERRAND_RUN_DAYS', env),
      webhookDays: days('ERRAND_WEBHOOK_DAYS', env) ?? 30,
    },
    seed: seeds('ERRAND_SEED', env.ERRAND_SEED),
    faults: parseFaults(env.ERRAND_FAULTS),
  };
}

const days = (name: Name, env: Env): number | undefined => whole(name, env[name], 1, 36_500);

function portOf(env: Env): number {
  const name = env.ERRAND_PORT ? 'ERRAND_PORT' : 'PORT';
  return whole(name, env[name], 0, 65_535) ?? 4000;
}

function argumentsOf(argv: readonly string[]): { role?: string; progress?: boolean } {
  try {
    return parseArgs({ args: [...argv], options: { role: { type: 'string' }, progress: { type: 'boolean' } } }).values;
  } catch (error) {
    throw new ConfigError('--role', `is the only argument (http, worker or all). ${(error as Error).message}`);
  }
}

function databaseUrl(name: Name, env: Env): Secret | undefined {
  const value = env[name];
  if (!value) return undefined;
  if (!/^postgres(ql)?:\/\//.test(value) || !URL.canParse(value)) {
    throw new ConfigError(name, 'must be a URL such as postgresql://user:password@host:5432/database.');
  }
  if (!env.DATABASE_URL) throw new ConfigError(name, 'needs DATABASE_URL; without it, the embedded Postgres is used.');
  return new Secret(value);
}
