// Connects the packages: the only file that imports both the engine and the integrations.

import { fileURLToPath } from 'node:url';
import {
  createApprovalLinks,
  createConsentLinks,
  createQuestionLinks,
  type ExtendMcpServer,
  readDueToolLists,
  readToolsAfterConsent,
  revokeExpiredConsents,
} from '@errand/api';
import type { Redactor } from '@errand/basics/redactor';
import { openCatalog } from '@errand/catalog';
import type { Secret } from '@errand/contracts';
import {
  addToolsJob,
  CallCounts,
  type CredentialUse,
  CredentialUses,
  type Db,
  type DueList,
  type LoadReader,
  startPeriodicTasks,
  startSealing,
} from '@errand/db';
import { createApprovalRules, createEngine } from '@errand/engine';
import {
  createIdentityProvider,
  createLogoReader,
  createTokenChecker,
  createWebhookSender,
  type Egress,
  ownAddresses,
} from '@errand/integrations';
import { createSandbox } from '@errand/plan';
import type { Observer } from '@errand/ports/observer';
import type { Siblings } from '@errand/ports/siblings';
import {
  CallGate,
  createConnector,
  createCredentials,
  createImporter,
  createPassThroughs,
  createSender,
  createStaleListMarker,
  createToolbox,
  createToolSearch,
  createTrials,
  OriginsOf,
} from '@errand/toolbox';
import type { Logger } from 'pino';
import type { Config } from './config/config.ts';
import { openEgress } from './egress.ts';
import { createFaults } from './failpoints.ts';
import { createHttp } from './http/http.ts';
import { instanceFacts, slotsOf } from './instance-facts.ts';
import { startAlarms } from './metrics/alarms.ts';
import type { EventCounts } from './metrics/business-events.ts';
import type { GroupedMetrics } from './metrics/measurement.ts';
import { Metrics } from './metrics/metrics.ts';
import { METRICS_TYPE } from './metrics/registry.ts';
import { ModelCalls } from './planning/model-calls.ts';
import { createPlanner } from './planning/planner.ts';

const consoleFolder = fileURLToPath(new URL('../../console/dist', import.meta.url));

const mibToBytes = (count: number | undefined) => count && count * 2 ** 20;

export type ComposeOptions = {
  config: Config;
  db: Db;
  log: Logger;
  redactor: Redactor;
  signal: AbortSignal;
  /** The port of all processes of this machine that serve HTTP; unset: that of the settings. */
  ownPort: number | undefined;
  /** URLs of its Postgres. */
  databaseUrls: readonly string[];
  /** The processes of the same supervisor, if there is one, their number with this one, and the metrics of all. */
  supervised?: { siblings: Siblings; count: number; metrics: GroupedMetrics } | undefined;
  extendMcpServer?: ExtendMcpServer | undefined;
  /** The part of the observer that traces runs; absent: no traces. */
  traces?: Observer | undefined;
};

/** Connects the packages over an open database. Nothing runs until the caller starts it. */
export function compose(options: ComposeOptions) {
  const { config, db, log } = options;
  if (config.faults) log.warn('ERRAND_FAULTS is set: this process may kill itself. Only tests may set it.');
  const publicUrl = () => config.publicUrl ?? http.listeningOrigin;
  const load = db.loadReader(slotsOf(config));
  const metrics = createMetrics(options, load);
  const services = connectServices(options, publicUrl, metrics.events);
  const links = createLinks(options, publicUrl);
  const engine = connectEngine(options, services, links, { ...options.traces, ...metrics.events });
  const accessChanged = (workspaceId: string) => {
    services.toolbox.forget(workspaceId);
    services.rules.forget(workspaceId);
  };
  const origins = () => [...new Set([publicUrl(), http.listeningOrigin])];
  const http = connectHttp(options, { ...services, links, engine, accessChanged, origins, metrics });
  const endPeriodicTasks = startTasks(options, { ...services, engine, accessChanged });
  const endSealing = startSealing(db, log);
  const endAlarms = startAlarms({
    load,
    log,
    isLeader: isLeaderOf(options),
    leasesFreed: () => metrics.events.leasesFreedCount,
  });

  return {
    engine,
    http,
    /** Reads the entries of the operator, so that a fault in one ends the start. */
    async checkCatalog() {
      if (config.catalogDir !== undefined) await services.catalog.search();
    },
    importer: services.importer,
    connector: services.connector,
    announceListeners: announcerOf(options),
    readMetrics: readerOf(options, metrics),
    /** Stops claiming runs and the periodic tasks, while requests are served on. */
    async stopWorking() {
      await Promise.all([endPeriodicTasks(), engine.stopWorker()]);
    },
    /** Claims no further run, then stops in the order of use: requests first, then runs, then their dependencies. */
    async close() {
      await Promise.all([
        engine.stopWorker(),
        endAlarms()
          .then(endPeriodicTasks)
          .then(() => http.close()),
      ]);
      await engine.stop();
      await services.credentialUses.close();
      await services.callCounts.close();
      await endSealing();
      await services.planner.close();
      await services.sandbox.close();
      await services.egress.close();
      metrics.close();
    },
  };
}

const isLeaderOf =
  ({ supervised }: ComposeOptions) =>
  () =>
    supervised?.siblings.isLeader() ?? true;

function createMetrics(options: ComposeOptions, load: LoadReader): Metrics {
  const { config, db, redactor, supervised } = options;
  // One process of a machine reads the values of the instance for all.
  const metrics = new Metrics({ db, load, redact: redactor.redact, readsInstance: isLeaderOf(options) });
  if (config.metricsPort !== undefined) metrics.turnOn();
  supervised?.metrics.attach(() => metrics.measure());
  return metrics;
}

/** Administrators of workspaces may allow no calls to these ports of this machine. */
const announcerOf =
  ({ config, db }: ComposeOptions) =>
  (...others: readonly number[]): Promise<void> => {
    const ports = config.metricsPort === undefined ? others : [...others, config.metricsPort];
    return db.announceListener([...ownAddresses()].flatMap((own) => ports.map((port) => `${own} ${port}`)));
  };

/** Reads the metrics of all processes of the machine. */
const readerOf = ({ supervised }: ComposeOptions, metrics: Metrics) => supervised?.metrics.text ?? metrics.text;

type Services = ReturnType<typeof connectServices>;
type Links = ReturnType<typeof createLinks>;
type Engine = ReturnType<typeof connectEngine>;

/** The parts that call other services, plan and evaluate. */
function connectServices(options: ComposeOptions, publicUrl: () => string, events: EventCounts) {
  const { config, db, log, redactor } = options;
  const redact = (secret: Secret) => redactor.add(secret.reveal());
  const originsOf = new OriginsOf(db);
  if (config.egressProxy) redactor.add(config.egressProxy.reveal());
  const onFault = (error: unknown) => log.warn({ err: error }, 'An observer failed; its counts may be incomplete.');
  const egress = openEgress(options, originsOf, {
    log: (failure) => log.warn(failure, 'an outbound call failed'),
    onRefused: events.egressRefused,
    onFault,
  });
  const sandbox = createSandbox();
  const modelCalls = new ModelCalls(events.modelEnded, onFault);
  const credentialUses = new CredentialUses(db.pool, (error) =>
    log.warn({ err: error }, 'could not store the uses of credentials yet'),
  );
  const credentials = createCredentials({ db, egress, redact, log, stsUrl: config.stsUrl });
  const passThroughs = createPassThroughs(db, redact);
  const callCounts = new CallCounts(db.pool, (error) =>
    log.warn({ err: error }, 'could not store the counts of calls yet'),
  );
  const gate = new CallGate({
    pool: db.pool,
    onEnd: (end) => callCounts.record(end),
    onFailure: (error) => log.warn({ err: error }, 'could not share the pauses of calls with other processes'),
  });
  const send = createSender({
    egress,
    credentials,
    gate,
    openPassThrough: passThroughs.open,
    vault: db.vault,
    markListStale: createStaleListMarker(db, (error) =>
      log.warn({ err: error }, 'could not refresh a stale list of tools; it is read when it is due'),
    ),
    onCredentialSent: (use: CredentialUse) => credentialUses.record(use),
  });
  return {
    redact,
    egress,
    allowedOrigins: {
      isEnabled: config.workspaceOrigins,
      check: egress.checkOrigin,
      forget: (workspaceId: string) => originsOf.forget(workspaceId),
    },
    sandbox,
    credentialUses,
    callCounts,
    gate,
    credentials,
    passThroughs,
    toolbox: createToolbox(db, send, credentials, passThroughs.bringsCredential),
    catalog: openCatalog({ folder: config.catalogDir }),
    importer: createImporter({ db, egress, sandbox, credentials, redact }),
    connector: createConnector({ db, egress, redact, log, publicUrl }),
    rules: createApprovalRules(db, sandbox, log, config.fourEyes),
    planner: createPlanner(config, egress, {
      redact,
      modelCalls,
      delimiterSecret: () => db.vault.keysFor('data blocks')[0],
    }),
    modelCalls,
  };
}

/** Links for people, by the kind of decision. */
const createLinks = ({ config, db }: ComposeOptions, publicUrl: () => string) => ({
  consents: createConsentLinks(() => db.vault.keysFor('consent link'), publicUrl, config.redirectOrigins),
  approvals: createApprovalLinks(() => db.vault.keysFor('approval link'), publicUrl),
  questions: createQuestionLinks(() => db.vault.keysFor('question link'), publicUrl),
});

function connectEngine(
  { config, db, log, supervised }: ComposeOptions,
  services: Services,
  links: Links,
  observer: Observer,
) {
  const { sandbox, toolbox, planner, rules, egress, gate } = services;
  return createEngine({
    db,
    sandbox,
    toolbox,
    planner,
    log,
    cursorKeys: () => db.vault.keysFor('list cursor'),
    workers: withoutUndefined({ concurrency: config.workerConcurrency }),
    queue: withoutUndefined({
      slots: config.workspaceConcurrency,
      maxBacklog: config.maxBacklog,
      maxWorkspaceBacklog: config.maxWorkspaceBacklog,
    }),
    limits: withoutUndefined({ maxOutputBytes: mibToBytes(config.maxOutputMib) }),
    outputs: withoutUndefined({ memoryBytes: mibToBytes(config.outputMemoryMib) }),
    requestLifetimes: withoutUndefined({ approvalMs: config.approvalExpiryMs, effectMs: config.effectExpiryMs }),
    approvalPolicy: { taint: config.taint, floors: [config.approvalFloor] },
    fourEyes: config.fourEyes,
    approvalRules: rules.for,
    planning: withoutUndefined({ maxReplans: config.model?.maxReplans, timeZone: config.timeZone }),
    links: {
      approvalLinks: links.approvals.approvalLinks,
      questionLink: links.questions.questionLink,
      inputLink: links.questions.inputLink,
      consentLink: links.consents.consentLink,
    },
    webhooks: { send: createWebhookSender(egress), vault: db.vault },
    callPauses: gate,
    siblings: supervised?.siblings,
    observer,
    faults: config.faults && createFaults(config.faults),
  });
}

type ConnectedParts = Services & { engine: Engine; accessChanged: (workspaceId: string) => void };

type HttpParts = ConnectedParts & { links: Links; origins: () => string[]; metrics: Metrics };

function connectHttp(options: ComposeOptions, connected: HttpParts) {
  const { config, db, log, signal, extendMcpServer } = options;
  const { engine, importer, catalog, connector, passThroughs, sandbox, toolbox, planner, egress, redact } = connected;
  const { allowedOrigins, links, credentials } = connected;
  return createHttp({
    db,
    engine,
    importer,
    catalog,
    connector,
    readLogo: createLogoReader(egress),
    readToolsLater: (job) => addToolsJob(db.pool, job),
    ...createTrials({ db, egress, redact, credentials }),
    searchTools: createToolSearch(toolbox, planner.search),
    consents: links.consents,
    console: { origins: connected.origins, folder: consoleFolder },
    oidc: createSignIn(config, egress, redact),
    instance: instanceFacts(config, connected.modelCalls),
    metrics: { contentType: METRICS_TYPE, read: readerOf(options, connected.metrics) },
    passThroughs,
    sandbox,
    approvals: {
      ...links.approvals,
      formKeys: () => db.vault.keysFor('approval form'),
      linksDecide: !config.fourEyes,
    },
    questions: links.questions,
    agentStateKeys: () => db.vault.keysFor('agent state'),
    cursorKeys: () => db.vault.keysFor('list cursor'),
    tokens: { issuers: config.tokenIssuers, ...createTokenChecker(config.tokenIssuers, { egress }) },
    accessChanged: connected.accessChanged,
    checkUrl: (workspaceId, url) => egress.forWorkspace(workspaceId).checkUrl(url),
    allowedOrigins,
    corsOrigins: config.corsOrigins,
    log,
    ping: db.ping,
    signal,
    extendMcpServer,
    rateLimit: config.rateLimit,
    processes: options.supervised?.count,
    trustedProxies: config.trustedProxies,
  });
}

/** The OIDC issuer with which people sign in, if there is one. */
function createSignIn({ oidc }: Config, egress: Egress, redact: (secret: Secret) => void) {
  if (!oidc) return undefined;
  const { issuer, clientId, clientSecret, groupsClaim, groups, domains } = oidc;
  if (clientSecret) redact(clientSecret);
  const client = { clientId, ...(clientSecret && { clientSecret }) };
  return { provider: createIdentityProvider({ issuer, client, groupsClaim }, egress), groups, domains };
}

/** @returns a function that stops the tasks */
function startTasks({ config, db, log, supervised }: ComposeOptions, connected: ConnectedParts): () => Promise<void> {
  if (config.role === 'http') return async () => {};
  const { engine, importer, connector, accessChanged } = connected;
  const logUnreadList = (error: unknown, { workspaceId, customerIntegrationId }: DueList) =>
    log.info({ err: error, workspaceId, customerIntegrationId }, 'an MCP server did not list its tools');
  return startPeriodicTasks(db, config.retention, log, {
    postWebhook: engine.postWebhook,
    processes: supervised?.count,
    readTools: (job, signal) => readToolsAfterConsent({ db, importer, connector, accessChanged }, job, signal),
    revokeExpired: (signal) => revokeExpiredConsents({ db, connector }, signal),
    erasure: { cancel: engine.cancelIfOpen, onRemoved: engine.announceRemoved },
    readLists: (signal) => readDueToolLists({ db, importer, connector, accessChanged, log: logUnreadList }, signal),
  });
}

/** Drops unset members, so that the engine's defaults apply. */
const withoutUndefined = <T extends object>(settings: { [K in keyof T]: T[K] | undefined }): Partial<T> =>
  Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined)) as Partial<T>;
