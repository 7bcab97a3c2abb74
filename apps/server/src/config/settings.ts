// Declares every setting of the service. config.ts reads them, docs/settings.md describes them, `settings.get` shows them.
import type { Setting } from '@errand/contracts';

type Declaration = Pick<Setting, 'description' | 'default' | 'unit'> & {
  /** How `settings.get` shows its value: as it is, as a URL without user and password, or not at all. */
  readonly shows: 'value' | 'url' | 'nothing';
};
type Group = Readonly<Record<string, Declaration>>;

const plain = <More extends Pick<Declaration, 'default' | 'unit'>>(description: string, more?: More) =>
  ({ description, ...more, shows: 'value' }) as Declaration & More;
const url = (description: string): Declaration => ({ description, shows: 'url' });
const secret = (description: string): Declaration => ({ description, shows: 'nothing' });

const signIn = {
  ERRAND_OIDC_ISSUER: url('OIDC issuer with which people sign in to the console; links alone unless set.'),
  ERRAND_OIDC_CLIENT_ID: plain('Id of Errand at the issuer.'),
  ERRAND_OIDC_CLIENT_SECRET: secret('Secret of this client; without it, a public client.'),
  ERRAND_OIDC_GROUPS: plain('Roles in workspaces that groups of the issuer give.'),
  ERRAND_OIDC_GROUPS_CLAIM: plain('Claim of the ID token that lists the groups; groups unless set.'),
  ERRAND_OIDC_DOMAINS: plain('Domains of accepted e-mail addresses; all unless set.'),
} satisfies Group;

const traces = {
  OTEL_EXPORTER_OTLP_ENDPOINT: url('Collector to which traces of runs are sent, by OTLP; none unless set.'),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: url('The full URL for traces, over which it has priority.'),
  OTEL_EXPORTER_OTLP_HEADERS: secret('Headers for the collector, such as its key.'),
  OTEL_EXPORTER_OTLP_TRACES_HEADERS: secret('Headers for traces, over which they have priority.'),
  OTEL_EXPORTER_OTLP_PROTOCOL: plain('Protocol of the collector: http/protobuf.'),
  OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: plain('Protocol for traces: http/protobuf.'),
  OTEL_TRACES_EXPORTER: plain('otlp, or none for no traces.'),
  OTEL_TRACES_SAMPLER: plain('Which runs are traced: all unless set.'),
  OTEL_TRACES_SAMPLER_ARG: plain('The fraction of runs that are traced, for traceidratio.'),
  OTEL_SDK_DISABLED: plain('true turns traces off.'),
  ERRAND_TRACE_CONTENT: plain('Whether traces contain arguments and results of calls, redacted.', { default: 'false' }),
} satisfies Group;

const groups = {
  service: {
    HOST: plain('Address to listen on.', { default: '127.0.0.1' }),
    PORT: plain('Port to listen on; 0 takes any free one.', { default: '4000' }),
    ERRAND_PORT: plain('The same as PORT, over which it has priority.'),
    PUBLIC_URL: url('URL of the service for callers; the address on which it listens unless set.'),
    ERRAND_ROLE: plain('Work of the process: http, worker or all.', { default: 'all' }),
    ERRAND_PROCESSES: plain('Processes with this role on this machine.', { default: '1', unit: 'processes' }),
    ERRAND_LAME_DUCK_SECONDS: plain('Time after SIGTERM in which a process still serves every request.', {
      default: '0',
      unit: 'seconds',
    }),
    ERRAND_RATE_LIMIT: plain('Requests that one API key may make in a minute; 0: no limit.', {
      default: '300000',
      unit: 'requests a minute',
    }),
    ERRAND_TOKEN_ISSUERS: plain('Issuers whose access tokens agents may use at /mcp.'),
    ERRAND_CORS_ORIGINS: plain('Origins of web pages that may call /v1 and /trpc with user tokens; none unless set.'),
    ERRAND_TRUSTED_PROXIES: plain('Proxies in front whose X-Forwarded-For is trusted.', {
      default: '0',
      unit: 'proxies',
    }),
    LOG_LEVEL: plain('Minimum level of the log.', { default: 'info' }),
    ERRAND_METRICS_PORT: plain('Port of the metrics for Prometheus; none unless set.'),
    ERRAND_METRICS_HOST: plain('Address of the metrics.', { default: '127.0.0.1' }),
    ...signIn,
    ...traces,
  },
  storage: {
    ERRAND_DATA_DIR: plain('Folder of the embedded database, the master keys and dev.json; none: no folder.', {
      default: '.errand',
    }),
    DATABASE_URL: secret('URL of your Postgres; the embedded one is started unless set.'),
    ERRAND_TENANT_DATABASE_URL: secret('The same database with the login for requests of callers.'),
    ERRAND_OWNER_DATABASE_URL: secret('The same database with the login that owns the tables and migrates.'),
    ERRAND_SHARED_DATABASE: plain(
      'Whether tables may be created in a database that has tables of another program, and none of Errand.',
      { default: 'false' },
    ),
    ERRAND_ACCEPTED_MIGRATION: plain(
      'Last migration of a database that a later version migrated, to start on it anyway.',
    ),
    ERRAND_POOL_SIZE: plain('Maximum connections of a process to Postgres.', { default: '10', unit: 'connections' }),
    ERRAND_MAX_OUTPUT_MIB: plain('Maximum size of the answers and arguments of all calls of one run.', {
      default: '32',
      unit: 'MiB',
    }),
    ERRAND_OUTPUT_MEMORY_MIB: plain('Memory of a process for the outputs of its runs.', {
      default: '64',
      unit: 'MiB',
    }),
    ERRAND_MASTER_KEYS: secret('Keys that seal credentials; a file of the data directory unless set.'),
  },
  approvals: {
    ERRAND_FOUR_EYES: plain('Whether the requester of a run may decide nothing about it.', { default: 'false' }),
    ERRAND_APPROVAL_FLOOR: plain('Minimum approval of every run.', { default: 'NONE' }),
    ERRAND_TAINT: plain('Whether a write to one integration needs approval after a read from another.', {
      default: 'false',
    }),
    ERRAND_APPROVAL_HOURS: plain('Time until an approval expires.', { default: '24', unit: 'hours' }),
    ERRAND_EFFECT_HOURS: plain('Time until the request about an uncertain effect expires.', {
      default: '168',
      unit: 'hours',
    }),
  },
  retention: {
    ERRAND_EVENT_DAYS: plain('How long events of an ended run are kept; without limit unless set.', { unit: 'days' }),
    ERRAND_OUTPUT_DAYS: plain('How long outputs of an ended run are kept; without limit unless set.', {
      unit: 'days',
    }),
    ERRAND_RUN_DAYS: plain('How long an ended run is kept; without limit unless set.', { unit: 'days' }),
    ERRAND_RESULT_WORDS: plain('Whether lists by text also search results and errors.', { default: 'on' }),
    ERRAND_WEBHOOK_DAYS: plain('How long deliveries to webhooks are kept.', { default: '30', unit: 'days' }),
  },
  outbound_calls: {
    ERRAND_EGRESS_ALLOW: plain('Origins that may be called although the guard would refuse them.'),
    ERRAND_WORKSPACE_ORIGINS: plain('Whether administrators may allow origins for calls of their workspace.', {
      default: 'false',
    }),
    ERRAND_WORKSPACE_LOOPBACK_PORTS: plain(
      'Ports of the machine of Errand that administrators may allow; none unless set.',
    ),
    ERRAND_EGRESS_PROXY: url('HTTP proxy of all other outbound calls.'),
    ERRAND_REDIRECT_ORIGINS: plain('Origins to which users may be sent after a consent.'),
    ERRAND_STS_URL: url('URL at which AWS roles are assumed; that of the region unless set.'),
    ERRAND_CATALOG_DIR: plain('Folder with entries of your own for the catalogue; the packed ones alone unless set.'),
    ERRAND_SEED: secret('Integrations to register in the default workspace; may contain tokens.'),
  },
  queue: {
    ERRAND_WORKER_CONCURRENCY: plain('Runs that a process carries out at once.', { default: '100', unit: 'runs' }),
    ERRAND_WORKSPACE_CONCURRENCY: plain(
      'Runs of a workspace that execute at once; 60 unless set, or three fifths of ERRAND_WORKER_CONCURRENCY if that is less.',
      { unit: 'runs' },
    ),
    ERRAND_MAX_BACKLOG: plain('Open runs at which new ones are refused.', { default: '100000', unit: 'runs' }),
    ERRAND_MAX_WORKSPACE_BACKLOG: plain('Open runs of a workspace at which new ones are refused.', {
      default: '20000',
      unit: 'runs',
    }),
  },
  planning: {
    ERRAND_TIME_ZONE: plain('Time zone of users without one in the run.', { default: 'UTC' }),
  },
  model: {
    ERRAND_MODEL_PROVIDER: plain('Provider of the model; the built-in planner plans unless set.'),
    ERRAND_MODEL: plain('Name of the model at its provider.'),
    ERRAND_MODEL_API_KEY: secret('API key of the model.'),
    ERRAND_MODEL_BASE_URL: url('URL of the API of the model.'),
    ERRAND_MODEL_TIMEOUT_SECONDS: plain('Maximum wait for one answer.', { default: '120', unit: 'seconds' }),
    ERRAND_MODEL_OUTPUT_TOKENS: plain('Maximum tokens of one answer.', { default: '16000', unit: 'tokens' }),
    ERRAND_MODEL_TOOLS_SHOWN: plain('Tools above which a prompt only names them.', { default: '40', unit: 'tools' }),
    ERRAND_MODEL_REPAIRS: plain('How often a refused plan is sent back to the model.', {
      default: '3',
      unit: 'answers',
    }),
    ERRAND_MODEL_REPLANS: plain('How often a run whose plan failed gets another one.', {
      default: '2',
      unit: 'plans',
    }),
    ERRAND_MODEL_PRICES: plain('Prices of a million tokens, by model.'),
    ERRAND_FALLBACK_MODEL: plain('Name of the model that is used while the first one fails.'),
    ERRAND_FALLBACK_PROVIDER: plain('Provider of the fallback; the endpoint of the first model unless set.'),
    ERRAND_FALLBACK_API_KEY: secret('API key of the fallback.'),
    ERRAND_FALLBACK_BASE_URL: url('URL of the API of the fallback.'),
  },
  faults: {
    ERRAND_FAULTS: plain('For tests alone: a failpoint that ends this process.'),
  },
} satisfies Readonly<Record<Setting['group'], Group>>;

type Groups = typeof groups;
export type SignInSetting = keyof typeof signIn;
export type ModelSetting = keyof Groups['model'];
export type VariableName = { [G in keyof Groups]: keyof Groups[G] }[keyof Groups];
type Defaulted<G> = { [Name in keyof G]: G[Name] extends { default: string } ? Name : never }[keyof G];
export type DefaultedName = { [G in keyof Groups]: Defaulted<Groups[G]> }[keyof Groups];
export type Env = Readonly<Partial<Record<VariableName, string>>>;
export type CompleteEnv = Env & Readonly<Record<DefaultedName, string>>;

const namesOf = <T extends object>(group: T) => Object.keys(group) as (keyof T & string)[];

export const signInNames: readonly SignInSetting[] = namesOf(signIn);
export const modelNames: readonly ModelSetting[] = namesOf(groups.model);

/** Every setting, in the order of docs/settings.md. */
export const declarations = namesOf(groups).flatMap((group) =>
  Object.entries<Declaration>(groups[group]).map(([name, declaration]) => ({
    name: name as VariableName,
    group,
    ...declaration,
  })),
);

/** Settings of programs that call Errand, such as the command line. A service that is started in the same shell ignores them. */
export const callerNames: readonly string[] = [
  'ERRAND_URL',
  'ERRAND_API_KEY',
  'ERRAND_PROFILE',
  'ERRAND_CONFIG_DIR',
  'ERRAND_WEBHOOK_SECRET',
];

const defaults = Object.fromEntries(
  declarations.flatMap(({ name, default: value }) => (value === undefined ? [] : [[name, value]])),
) as Record<DefaultedName, string>;

/** Adds the declared defaults to settings. */
export const withDefaults = (env: Env): CompleteEnv => ({ ...defaults, ...env });
