import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { ApprovalStrategy, Secret } from '@errand/contracts';
import { hostUrls } from '@errand/db/host-urls';
import { parseFaults } from '../failpoints.ts';
import { describeSettings } from './describe-settings.ts';
import { readFolderSettings } from './folder-settings.ts';
import { modelOf } from './model.ts';
import { adviceFor, isKnownName, NO_DATA_DIR, settingNames } from './names.ts';
import { oidcOf } from './oidc.ts';
import {
  ConfigError,
  parseBoolean,
  parseBrowserOrigins,
  parseChoice,
  parseHoursAsMs,
  parseOrigins,
  parsePorts,
  parseProcesses,
  parseProxy,
  parsePublicUrl,
  parseSeeds,
  parseTimeZone,
  parseTokenIssuers,
  parseWholeNumber,
} from './setting.ts';
import { type CompleteEnv, type DefaultedName, type Env, type VariableName, withDefaults } from './settings.ts';
import { tracesOf } from './traces.ts';

const roles = ['http', 'worker', 'all'] as const;
const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

/** Reads the environment alone; no other file of the service does. @throws ConfigError if it contains an unknown `ERRAND_` variable */
export function readEnv(): Env {
  const unknown = Object.keys(process.env).find((name) => name.startsWith('ERRAND_') && !isKnownName(name));
  if (unknown) throw new ConfigError(unknown, `is not a setting of Errand. ${adviceFor(unknown)}`);
  return settingsIn(process.env);
}

/**
 * The settings for a command of the operator: those with which `errand up` starts the service in the current folder, also from its files.
 * @throws Error if a file cannot be read, or a name is misspelt
 */
export const readFolderEnv = (): Env => settingsIn(readFolderSettings(process.cwd(), process.env, console.warn));

/** Compose files and shells write unset variables as empty ones. */
const settingsIn = (env: NodeJS.ProcessEnv): Env =>
  Object.fromEntries(settingNames.flatMap((name) => (env[name] ? [[name, env[name]]] : [])));

/**
 * Parses the environment and the command line, which has priority. A setting without a value gets its declared default.
 * @throws ConfigError with the variable at fault and its valid values
 */
export function toConfig(setEnv: Env, argv: readonly string[] = []) {
  const { role: roleArgument, progress: reportsProgress = false, ...args } = argumentsOf(argv);
  const env = withDefaults(setEnv);
  const role = parseChoice('ERRAND_ROLE', roleArgument ?? env.ERRAND_ROLE, roles);
  if (role !== 'all' && !env.DATABASE_URL) {
    throw new ConfigError('DATABASE_URL', `must be set for the role ${role}: processes share one Postgres.`);
  }
  return {
    /** Whether this process serves HTTP, runs the worker, or both. */
    role,
    /** Processes on this machine under one supervisor; 1: this process alone. */
    processes: parseProcesses('ERRAND_PROCESSES', env.ERRAND_PROCESSES),
    /** How long the process serves requests after SIGTERM, in ms, while /readyz answers 503. */
    lameDuckMs: 1000 * wholeNumber(env, 'ERRAND_LAME_DUCK_SECONDS', 0, 600),
    /** Whether to tell the parent process when Postgres is ready. */
    reportsProgress,
    /** Whether to migrate the embedded database without a backup. */
    withoutBackup: args['without-backup'] ?? false,
    logLevel: parseChoice('LOG_LEVEL', env.LOG_LEVEL, logLevels),
    /** Folder of the embedded database, its keys and `dev.json`. */
    dataDir: resolve(env.ERRAND_DATA_DIR),
    /** False: nothing is read from or written to `dataDir`. */
    usesDataDir: usesDataDir(env),
    /** Default time zone of users; absent: UTC, which is not stored with runs. */
    timeZone: parseTimeZone('ERRAND_TIME_ZONE', setEnv.ERRAND_TIME_ZONE),
    /** Absent: the built-in planner. */
    model: modelOf(setEnv),
    /** Folder with entries of the operator; absent: only those that the service packs. */
    catalogDir: env.ERRAND_CATALOG_DIR && resolve(env.ERRAND_CATALOG_DIR),
    /** Integrations to register in the default workspace unless their names exist. */
    seed: parseSeeds('ERRAND_SEED', env.ERRAND_SEED),
    /** For tests only: deliberate faults of this process. */
    faults: parseFaults(env.ERRAND_FAULTS),
    /** All settings, without secrets, for operators. */
    settings: describeSettings(setEnv, roleArgument),
    /** The OIDC issuer with which people sign in to the console; absent: by links alone. */
    oidc: oidcOf(env, parseOrigins('ERRAND_EGRESS_ALLOW', env.ERRAND_EGRESS_ALLOW ?? '')),
    /** Absent: no traces. */
    traces: tracesOf(env),
    /** Values of the variables for the collector that may contain its key. */
    traceHeaders: [env.OTEL_EXPORTER_OTLP_HEADERS, env.OTEL_EXPORTER_OTLP_TRACES_HEADERS],
    ...toNetwork(env),
    ...toDatabase(env),
    ...toLimits(env),
    ...toApprovals(env),
  };
}

export type Config = ReturnType<typeof toConfig>;

const toNetwork = (env: CompleteEnv) => ({
  host: env.HOST,
  /** 0: any free port. */
  port: portOf(env),
  /** Absent: no port for metrics. */
  metricsPort: wholeNumber(env, 'ERRAND_METRICS_PORT', 0, 65_535),
  metricsHost: env.ERRAND_METRICS_HOST,
  /** URL of the service for callers, without a trailing slash; absent: the address on which it listens. */
  publicUrl: env.PUBLIC_URL && parsePublicUrl('PUBLIC_URL', env.PUBLIC_URL),
  /** Origins that tools may call although their addresses are private. */
  egressAllow: parseOrigins('ERRAND_EGRESS_ALLOW', env.ERRAND_EGRESS_ALLOW ?? ''),
  /** Whether administrators may allow origins for calls of their workspace. */
  workspaceOrigins: parseBoolean('ERRAND_WORKSPACE_ORIGINS', env.ERRAND_WORKSPACE_ORIGINS),
  /** Ports of this machine that they may allow. */
  workspaceLoopbackPorts: parsePorts('ERRAND_WORKSPACE_LOOPBACK_PORTS', env.ERRAND_WORKSPACE_LOOPBACK_PORTS ?? ''),
  /** Proxy for all other outbound calls; its URL may contain a password. */
  egressProxy: parseProxy('ERRAND_EGRESS_PROXY', env.ERRAND_EGRESS_PROXY),
  /** Origins to which users may be redirected after a consent, in addition to that of the service. */
  redirectOrigins: parseOrigins('ERRAND_REDIRECT_ORIGINS', env.ERRAND_REDIRECT_ORIGINS ?? ''),
  /** Origins of web pages that may call `/v1` and `/trpc` with user tokens. */
  corsOrigins: parseBrowserOrigins('ERRAND_CORS_ORIGINS', env.ERRAND_CORS_ORIGINS ?? ''),
  /** URL at which AWS roles are assumed; absent: the Security Token Service of the region. */
  stsUrl: env.ERRAND_STS_URL && parsePublicUrl('ERRAND_STS_URL', env.ERRAND_STS_URL),
  /** Trusted issuers of access tokens for `/mcp`. */
  tokenIssuers: parseTokenIssuers('ERRAND_TOKEN_ISSUERS', env.ERRAND_TOKEN_ISSUERS, env.PUBLIC_URL),
  /** Number of proxies before this process whose X-Forwarded-For is trusted. */
  trustedProxies: wholeNumber(env, 'ERRAND_TRUSTED_PROXIES', 0, 20),
});

const toDatabase = (env: CompleteEnv) => ({
  /** Absent: the service starts the embedded database. */
  databaseUrl: databaseUrl('DATABASE_URL', env),
  /** Logins for requests of callers, and for migrations; absent: `databaseUrl`. */
  tenantDatabaseUrl: databaseUrl('ERRAND_TENANT_DATABASE_URL', env),
  ownerDatabaseUrl: databaseUrl('ERRAND_OWNER_DATABASE_URL', env),
  /** Whether tables may be created in a database that has tables of another program. */
  sharedDatabase: parseBoolean('ERRAND_SHARED_DATABASE', env.ERRAND_SHARED_DATABASE),
  /** The last migration of the database, if this version may ignore the later ones. */
  acceptedMigration: env.ERRAND_ACCEPTED_MIGRATION,
  /** Absent: generated on the first start and stored in the data directory. */
  masterKeys: env.ERRAND_MASTER_KEYS ? new Secret(env.ERRAND_MASTER_KEYS) : undefined,
  poolSize: wholeNumber(env, 'ERRAND_POOL_SIZE', 2, 1000),
  /** Retention of the data of ended runs; without a number, unlimited. */
  retention: {
    eventDays: wholeNumber(env, 'ERRAND_EVENT_DAYS', 1, MAX_DAYS),
    outputDays: wholeNumber(env, 'ERRAND_OUTPUT_DAYS', 1, MAX_DAYS),
    runDays: wholeNumber(env, 'ERRAND_RUN_DAYS', 1, MAX_DAYS),
    webhookDays: wholeNumber(env, 'ERRAND_WEBHOOK_DAYS', 1, MAX_DAYS),
    /** Whether lists by text also search results and errors. */
    resultWords: parseChoice('ERRAND_RESULT_WORDS', env.ERRAND_RESULT_WORDS, ['on', 'off']) === 'on',
  },
});

const toLimits = (env: CompleteEnv) => ({
  workerConcurrency: wholeNumber(env, 'ERRAND_WORKER_CONCURRENCY', 1, 1000),
  /** Runs of one workspace that execute at once, over all processes. */
  workspaceConcurrency: wholeNumber(env, 'ERRAND_WORKSPACE_CONCURRENCY', 1, 10_000),
  /** Open runs at which new runs are refused: in total, and for one workspace. */
  maxBacklog: wholeNumber(env, 'ERRAND_MAX_BACKLOG', 1, 10_000_000),
  maxWorkspaceBacklog: wholeNumber(env, 'ERRAND_MAX_WORKSPACE_BACKLOG', 1, 10_000_000),
  /** Maximum outputs of one run, and memory for the outputs of all runs of this process, in MiB. */
  maxOutputMib: wholeNumber(env, 'ERRAND_MAX_OUTPUT_MIB', 1, 1024),
  outputMemoryMib: wholeNumber(env, 'ERRAND_OUTPUT_MEMORY_MIB', 1, 65_536),
  /** Maximum requests of a key per minute, over all processes; 0: no limit. */
  rateLimit: wholeNumber(env, 'ERRAND_RATE_LIMIT', 0, 100_000_000),
});

const toApprovals = (env: CompleteEnv) => ({
  /** Whether the requester of a run may not decide about it. */
  fourEyes: parseBoolean('ERRAND_FOUR_EYES', env.ERRAND_FOUR_EYES),
  /** Minimum approvals of every run, whatever its strategy. */
  approvalFloor: parseChoice('ERRAND_APPROVAL_FLOOR', env.ERRAND_APPROVAL_FLOOR, ApprovalStrategy.options),
  /** Whether a write to one integration needs approval after a read from another. */
  taint: parseBoolean('ERRAND_TAINT', env.ERRAND_TAINT),
  /** Time after which open approvals and uncertain effects expire. */
  approvalExpiryMs: parseHoursAsMs('ERRAND_APPROVAL_HOURS', env.ERRAND_APPROVAL_HOURS),
  effectExpiryMs: parseHoursAsMs('ERRAND_EFFECT_HOURS', env.ERRAND_EFFECT_HOURS),
});

const MAX_DAYS = 36_500;

function usesDataDir({ ERRAND_DATA_DIR, DATABASE_URL }: CompleteEnv): boolean {
  if (ERRAND_DATA_DIR !== NO_DATA_DIR) return true;
  if (DATABASE_URL) return false;
  throw new ConfigError(
    'ERRAND_DATA_DIR',
    'is none, so DATABASE_URL must be set: the embedded Postgres needs a folder.',
  );
}

const wholeNumber = <Name extends VariableName>(env: Env, name: Name, min: number, max: number) =>
  parseWholeNumber(name, env[name], min, max) as Name extends DefaultedName ? number : number | undefined;

const portOf = (env: CompleteEnv): number =>
  wholeNumber(env, 'ERRAND_PORT', 0, 65_535) ?? wholeNumber(env, 'PORT', 0, 65_535);

const ARGUMENTS = {
  role: { type: 'string' },
  progress: { type: 'boolean' },
  'without-backup': { type: 'boolean' },
} as const;

function argumentsOf(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options: ARGUMENTS }).values;
  } catch (error) {
    const arguments_ = '(http, worker or all) and --without-backup are the only arguments';
    throw new ConfigError('--role', `${arguments_}. ${(error as Error).message}`);
  }
}

function databaseUrl(name: VariableName, env: Env): Secret | undefined {
  const value = env[name];
  if (!value) return undefined;
  try {
    hostUrls(value);
  } catch (error) {
    throw new ConfigError(name, (error as Error).message);
  }
  if (!env.DATABASE_URL) throw new ConfigError(name, 'needs DATABASE_URL; without it, the embedded Postgres is used.');
  return new Secret(value);
}
