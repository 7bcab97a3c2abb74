import type {
  CreatedRun,
  CreateRunInput,
  ListEventsInput,
  PreviewRerunInput,
  Principal,
  RerunInput,
  RunHistogramInput,
  ScheduledRun,
  WatchRunsInput,
} from '@errand/contracts';
import type { RunScope } from '@errand/db';
import { actionsOf } from './actions/actions.ts';
import type { AdvanceDeps } from './activation/activation-deps.ts';
import { advance } from './activation/advance.ts';
import { defaultLimits } from './activation/budget.ts';
import { defaultCallPolicy } from './activation/calls/call-policy.ts';
import { defaultOutputLimits, OutputMemory } from './activation/outputs.ts';
import { defaultPlanningPolicy } from './activation/planning/plan.ts';
import { expire } from './decisions/answer/decide.ts';
import { announceStoredCredentials } from './decisions/answer/decide-consents.ts';
import { type ApprovalPolicy, defaultApprovalPolicy } from './decisions/ask/approvals.ts';
import { defaultRequestLifetimes } from './decisions/ask/decision-requests.ts';
import { isUserToken } from './decisions/ask/pending-entries.ts';
import { decisionMethods, pendingMethods } from './decisions/methods.ts';
import type { EngineOptions } from './engine-options.ts';
import { ANSWER_BYTES } from './events/answer-text.ts';
import { listEvents, streamEvents } from './events/events.ts';
import { Hub } from './events/hub.ts';
import { createLinkAdder } from './events/links.ts';
import { type Faults, noFaults } from './failpoints.ts';
import { LiveLists } from './live/live-lists.ts';
import { noPeople } from './model/people-of-run.ts';
import type { Publish } from './model/transition.ts';
import { observation, type ReportChange } from './observation/report.ts';
import { PlanningSlots, preflight } from './preflight/preflight.ts';
import { previewRerun } from './preflight/preview-rerun.ts';
import { Backlog, defaultQueueOptions, slotsFor } from './queue/backlog.ts';
import type { MakeDue } from './queue/dequeuer.ts';
import { defaultWorkerOptions, Worker } from './queue/worker.ts';
import { cancel, ifOpen } from './runs/cancel.ts';
import { checkRun, create, type RunOrigin } from './runs/create.ts';
import { runHistogram } from './runs/histogram.ts';
import { type ListedRuns, RunLister } from './runs/list.ts';
import { getRun, readCall, readExecutionPlan, readPlanWithDetails } from './runs/read-run.ts';
import { prepareRerun } from './runs/rerun.ts';
import { type WaitOptions, waitForCreatedRun, waitForRun } from './runs/wait-for-run.ts';
import { ScheduleClock } from './schedules/clock.ts';
import { createWebhookSending } from './webhooks/webhooks.ts';

type RunView = { runId: string; includeEvents: boolean; includeToolCalls: boolean };
type EventsView = { runId: string; after: number; includeToolCalls: boolean };
/** Without a reader events have no links. `links`: false leaves out links that decide or answer. */
type Reader = { reader?: Principal; links?: boolean };
/** The maximum size of an answer; `ANSWER_BYTES` by default. */
type AnswerSize = { maxBytes?: number };

export type Engine = ReturnType<typeof createEngine>;

/** Executes runs and answers requests about them. Every method takes the id of the calling workspace. */
export function createEngine(options: EngineOptions) {
  const parts = assemble(options);
  const creators = createMethods(parts);
  const { scopeOf } = parts;
  const { isLeader } = parts;
  const { log } = options;
  const schedules = new ScheduleClock({ pool: options.db.pool, scopeOf, create: creators.create, log, isLeader });
  return {
    ...creators,
    /** Keeps plans of runs as actions, and runs them. */
    actions: actionsOf(scopeOf, options),
    ...readMethods(parts),
    ...pendingMethods(parts),
    ...decisionMethods(parts),
    ...lifecycleMethods(parts, schedules),
  };
}

type Parts = ReturnType<typeof assemble>;

function assemble(options: EngineOptions) {
  const { db, log, sandbox, toolbox, planner, faults = noFaults } = options;
  const { pool, connect } = db;
  const workers = { ...defaultWorkerOptions, ...options.workers };
  const queue = { ...defaultQueueOptions, slots: slotsFor(workers.concurrency), ...options.queue };
  const limits = { ...defaultLimits, ...options.limits };
  const planning = { ...defaultPlanningPolicy, ...options.planning };
  const approvalPolicy = approvalPolicyOf(options);
  const scopeOf = (workspaceId: string): RunScope => ({
    pool: db.poolOf(workspaceId),
    bypassingRls: db.bypassingRlsOf(workspaceId),
    workspaceId,
  });
  const { siblings } = options;
  const isLeader = () => siblings?.isLeader() ?? true;
  const hub = new Hub(pool, connect, log, { siblings, callPauses: options.callPauses });
  const observing = observation(options.observer, log);
  const { report, beginActivation, beginDelivery, reportChange } = observing;
  const webhooks =
    options.webhooks && createWebhookSending({ ...options.webhooks, pool, log, isLeader, beginDelivery });
  const publish = createPublish({ faults, hub, webhooks, reportChange });
  const advanceDeps: AdvanceDeps = {
    // A worker changes the workspace with each statement. Setting it on the session each time would cost a tenth of the throughput.
    scopeOf: (workspaceId) => ({ pool, workspaceId, transitions: db.transitions }),
    toolbox,
    planner,
    sandbox,
    publish,
    log,
    beginActivation,
    report,
    limits,
    outputMemory: new OutputMemory({ ...defaultOutputLimits, ...options.outputs }),
    callPolicy: { ...defaultCallPolicy, ...options.callPolicy },
    requestLifetimes: { ...defaultRequestLifetimes, ...options.requestLifetimes },
    approvalPolicy,
    allowedByRule: options.approvalRules ?? (() => async () => false),
    faults,
    maxReplans: planning.maxReplans,
    progress: hub.progress,
    waitUntilSeenAlive: (signal) => worker.waitUntilSeenAlive(signal),
    isSeenAlive: () => worker.isSeenAlive(),
    signalDue: () => worker.signalDue(),
  };
  const workerOptions = { ...workers, slots: queue.slots };
  const worker: Worker = new Worker({ pool, batchPool: db.batchPool, connect, log }, workerOptions, {
    advance: (activation, draining) => advance(advanceDeps, activation, draining),
    expire: () => expire(pool, publish),
    announceCredentials: () => announceStoredCredentials(pool, { toolbox, publish }),
    announce: hub.announceDue,
    passDue: hub.passDue,
    leasesFreed: (freed) => report('leasesFreed', freed),
    isLeader,
  });
  const dueRuns = new DueRuns(worker, hub);
  const backlog = new Backlog(pool, log, queue);
  const live = new LiveLists(hub, log);
  const linkAdderFor = (workspaceId: string, reader?: Principal, withDecisions = true) =>
    createLinkAdder(options.links, workspaceId, reader, withDecisions);
  const fourEyes = options.fourEyes ? db.people.behind : undefined;
  const settings = { ...observing, ...db.people, limits, planning, approvalPolicy, fourEyes, faults, isLeader };
  return { ...options, ...settings, scopeOf, hub, webhooks, publish, worker, dueRuns, backlog, live, linkAdderFor };
}

type Publishing = {
  faults: Faults;
  hub: Hub;
  webhooks: ReturnType<typeof createWebhookSending> | undefined;
  reportChange: ReportChange;
};

const createPublish =
  ({ faults, hub, webhooks, reportChange }: Publishing): Publish =>
  (run, events, change) => {
    faults.at('append.after');
    hub.publish(run, events);
    webhooks?.onEvent();
    if (change) reportChange(run, change);
  };

// Under four eyes a run cannot opt out of approvals.
function approvalPolicyOf({ approvalPolicy, fourEyes }: EngineOptions): ApprovalPolicy {
  const policy = { ...defaultApprovalPolicy, ...approvalPolicy };
  return fourEyes ? { ...policy, floors: [...policy.floors, 'ON_WRITE'] } : policy;
}

/** Makes runs due: for the worker of this process while it runs, otherwise for those of other processes. */
class DueRuns {
  isWorking = false;

  constructor(
    private readonly worker: Worker,
    private readonly hub: Hub,
  ) {}

  /** Called after this process made a run due. */
  signalDue(runId: string): void {
    if (this.isWorking) this.worker.signalDue(runId);
    else this.hub.announceDue();
  }

  readonly makeDue: MakeDue = async (mayExceedSlots, statement, workspaceId) => {
    if (this.isWorking) return this.worker.makeDue(mayExceedSlots, statement, workspaceId);
    const result = await statement(null);
    if (result) this.hub.announceDue();
    return result;
  };
}

function createMethods(parts: Parts) {
  const { scopeOf, toolbox, sandbox, planner, log, limits, approvalPolicy, planning, faults, hub, worker, publish } =
    parts;
  const { timeZone } = planning;
  const slots = new PlanningSlots();
  const toolsOf = (workspaceId: string) => ({ toolbox, sandbox: sandbox.for(workspaceId) });
  const cancelRun = async (workspaceId: string, runId: string) => {
    const run = await cancel(scopeOf(workspaceId), { publish, requesters: parts.requesters }, runId);
    worker.abort(runId);
    return run;
  };
  const createDepsOf = (workspaceId: string) => ({
    ...toolsOf(workspaceId),
    mayFill: planner.fill !== undefined,
    backlog: parts.backlog,
    makeDue: parts.dueRuns.makeDue,
    requesters: parts.requesters,
    announceCreated: hub.announceCreated,
    reportCreated: parts.reportCreated,
    timeZone,
  });
  return {
    /**
     * Ignores `input.passThrough`: `origin` contains it, sealed.
     * @throws ProblemError schema_*, plan_invalid, connection_not_found, connection_inactive; BacklogFull
     */
    async create(workspaceId: string, input: CreateRunInput, origin?: RunOrigin) {
      const created = await create(scopeOf(workspaceId), createDepsOf(workspaceId), input, origin);
      faults.at('create.after');
      return created;
    },

    /** Checks a run without creating it. @throws ProblemError as `create` does */
    async checkRun(workspaceId: string, input: ScheduledRun) {
      await checkRun(scopeOf(workspaceId), createDepsOf(workspaceId), input);
    },

    /**
     * The input and plan of a rerun, for `create`.
     * @throws ProblemError not_found, validation_failed, plan_not_repeatable, tools_changed, connection_not_found, run_unfinished,
     *   effect_unresolved, outputs_gone
     */
    prepareRerun: (workspaceId: string, input: RerunInput) =>
      prepareRerun(scopeOf(workspaceId), toolsOf(workspaceId), input),

    /** The steps of a rerun from a step. @throws ProblemError as `prepareRerun` does */
    previewRerun: (workspaceId: string, input: PreviewRerunInput) =>
      previewRerun(scopeOf(workspaceId), { ...toolsOf(workspaceId), approvalPolicy }, input),

    /**
     * The calls of a run and the decisions that it would need, without creating it.
     * @throws ProblemError schema_*, plan_invalid, connection_not_found, connection_inactive, too_many_preflights
     */
    preflight(workspaceId: string, request: Parameters<typeof preflight>[2]) {
      const deps = { ...toolsOf(workspaceId), planner, log, limits, approvalPolicy, slots, timeZone };
      return preflight(scopeOf(workspaceId), deps, request);
    },

    /** @throws ProblemError not_found, run_already_finished */
    cancel: cancelRun,

    /** Cancels a run, unless it has ended or is gone. */
    cancelIfOpen: ifOpen(cancelRun),
    announceRemoved: hub.announceRemoved,
  };
}

function readMethods({ scopeOf, toolbox, hub, live, linkAdderFor, cursorKeys, requesters }: Parts) {
  const lister = new RunLister(cursorKeys);
  const viewOf = (workspaceId: string, reader?: Principal, links?: boolean) => ({
    link: linkAdderFor(workspaceId, reader, links),
    requesters: reader && isUserToken(reader) ? async () => noPeople : requesters,
  });
  return {
    /** @throws ProblemError not_found */
    getRun: (workspaceId: string, { reader, links, maxBytes = ANSWER_BYTES, ...view }: RunView & AnswerSize & Reader) =>
      getRun(scopeOf(workspaceId), view, maxBytes, viewOf(workspaceId, reader, links)),

    /** @throws ProblemError invalid_cursor */
    listRuns: (workspaceId: string, { reader, maxBytes = ANSWER_BYTES, ...input }: ListedRuns & AnswerSize & Reader) =>
      lister.list(scopeOf(workspaceId), input, maxBytes, viewOf(workspaceId, reader, input.links)),

    /** @throws ProblemError validation_failed */
    histogram: (workspaceId: string, input: RunHistogramInput) => runHistogram(scopeOf(workspaceId), input),

    /** An endless stream of changes of a list of runs. @throws ProblemError validation_failed, too_many_streams */
    watchRuns: (workspaceId: string, { lastEventId, ...filter }: WatchRunsInput, signal: AbortSignal) =>
      live.watch(scopeOf(workspaceId), { ...filter, lastId: lastEventId, signal }),

    /** One call of a run with all its arguments and output. @throws ProblemError not_found */
    readCall: (workspaceId: string, runId: string, toolCallId: string) =>
      readCall(scopeOf(workspaceId), runId, toolCallId),

    /** @throws ProblemError not_found */
    readPlan: (workspaceId: string, executionPlanId: string) =>
      readExecutionPlan(scopeOf(workspaceId), executionPlanId),

    /** A plan with the requirements of its steps and the origins of their arguments. @throws ProblemError not_found */
    readPlanDetails: (workspaceId: string, input: { executionPlanId: string; version?: number | undefined }) =>
      readPlanWithDetails(scopeOf(workspaceId), toolbox, input),

    /** @throws ProblemError not_found */
    listEvents: (
      workspaceId: string,
      { reader, maxBytes = ANSWER_BYTES, ...view }: ListEventsInput & AnswerSize & Reader,
    ) => listEvents(scopeOf(workspaceId), view, maxBytes, linkAdderFor(workspaceId, reader, view.links)),

    /**
     * Past events, then live ones until `end`; null when the run has ended and `after` is its last event.
     * @throws ProblemError not_found, invalid_event_id
     */
    streamEvents: (
      workspaceId: string,
      { reader, links, ...view }: EventsView & Reader & { progress?: boolean },
      signal: AbortSignal,
    ) => streamEvents(scopeOf(workspaceId), hub, { ...view, signal }, linkAdderFor(workspaceId, reader, links)),

    /** Resolves when the run has ended or `ms` have passed; with `orWaiting` also when it waits for a human. */
    waitForRun: (workspaceId: string, runId: string, ms: number, options: WaitOptions = {}) =>
      waitForRun(scopeOf(workspaceId), hub, runId, { ms, ...options }),

    /**
     * Waits for a run that this process has just created: until it ends, waits for a human, or `ms` have passed.
     * @returns the ended run with its events and plan; undefined when the caller must read the run
     */
    waitForCreatedRun: (
      workspaceId: string,
      created: CreatedRun,
      options: { ms: number; signal?: AbortSignal } & AnswerSize,
    ) => waitForCreatedRun(scopeOf(workspaceId), hub, created, { maxBytes: ANSWER_BYTES, ...options }),
  };
}

function lifecycleMethods({ hub, worker, dueRuns, webhooks, live }: Parts, schedules: ScheduleClock) {
  let workerEnd: Promise<void> | undefined;
  const endWorker = async () => {
    if (!dueRuns.isWorking) return;
    dueRuns.isWorking = false;
    await schedules.stop();
    await worker.stop();
    await webhooks?.stop();
  };
  const stopWorker = () => {
    workerEnd ??= endWorker();
    return workerEnd;
  };
  return {
    /** Starts to follow events of other processes. */
    startHub: () => hub.start(),
    /** Starts to execute runs in this process. */
    async startWorker() {
      hub.onWrittenElsewhere(worker.recheck);
      hub.onDue(worker.onDueElsewhere);
      await worker.start();
      dueRuns.isWorking = true;
      webhooks?.start();
      schedules.start();
    },

    /** Starts to post the due deliveries of a webhook. */
    postWebhook: (key: { workspaceId: string; webhookId: string }) => webhooks?.post(key),

    /** Stops claiming at once, and finishes or gives back the claimed runs. Callers are served on. */
    stopWorker,

    /** Stops the worker, and closes its connections (not the pool). */
    async stop() {
      await stopWorker();
      await live.stop();
      await hub.stop();
    },
  };
}
