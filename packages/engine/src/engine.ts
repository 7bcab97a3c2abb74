import type {
  AnsweredQuestion,
  AnswerQuestionInput,
  Approval,
  CreatedRun,
  CreateRunInput,
  DecideApprovalInput,
  EventList,
  ExecutionPlan,
  ListPendingInput,
  ListRunsInput,
  PendingList,
  Planner,
  Principal,
  QuestionView,
  ResolvedEffect,
  ResolveEffectInput,
  Run,
  RunList,
  ToolCall,
  ToolSource,
} from '@errand/contracts';
import { isTerminal, problem } from '@errand/contracts';
import { type Runner, type RunScope, readHead, readPlan, type Transitions } from '@errand/db';
import type { Sandbox } from '@errand/plan';
import type pg from 'pg';
import { advance } from './activation/advance.ts';
import { defaultLimits, type Limits } from './activation/budget.ts';
import { type CallPolicy, defaultCallPolicy } from './activation/call-policy.ts';
import { defaultOutputRoom, OutputMemory, type OutputRoom } from './activation/outputs.ts';
import { MAX_REPLANS } from './activation/plan.ts';
import { answerQuestion, readQuestion } from './decisions/answer/answer-question.ts';
import { expire } from './decisions/answer/decide.ts';
import { type ApprovalRequest, decideApproval, readApproval } from './decisions/answer/decide-approval.ts';
import { announceForgotten, consented, type DecidedConsent } from './decisions/answer/decide-consents.ts';
import { resolveEffect } from './decisions/answer/resolve-effect.ts';
import {
  type ApprovalPolicy,
  defaultApprovalPolicy,
  type RuleCheck,
  type RuledRun,
} from './decisions/ask/approvals.ts';
import { type Links, linker } from './decisions/ask/links.ts';
import { pending } from './decisions/ask/pending.ts';
import { type AskPolicy, defaultAskPolicy } from './decisions/ask/requests.ts';
import { listEvents, type SentEvents, streamEvents } from './events/events.ts';
import { Hub } from './events/hub.ts';
import { type Faults, noFaults } from './failpoints.ts';
import type { Log, Toolbox } from './ports.ts';
import { Backlog, defaultQueueOptions, type QueueOptions, slotsFor } from './queue/backlog.ts';
import type { MakeDue } from './queue/dequeuer.ts';
import { Worker } from './queue/worker.ts';
import { defaultWorkerOptions, type WorkerOptions } from './queue/worker-options.ts';
import { ANSWER_BYTES, type AnswerText } from './runs/answer-text.ts';
import { cancel } from './runs/cancel.ts';
import { create, type RunOrigin } from './runs/create.ts';
import { isEnvelope, PLANNING } from './runs/envelope.ts';
import { getRun } from './runs/get-run.ts';
import { RunLister } from './runs/list.ts';
import { readCall } from './runs/read-call.ts';
import type { Publish, WritingScope } from './transition.ts';

export type EngineOptions = {
  /** For statements over all workspaces, and for activations. */
  pool: pg.Pool;
  /** Claims runs; its sessions have the settings `batchPoolOptions`. */
  batchPool: pg.Pool;
  /** Applies transitions of activations in batches. */
  transitions: Transitions;
  /** The pool for requests of callers in one workspace; `pool` by default. */
  poolOf?: (workspaceId: string) => pg.Pool;
  /** The same without row-level security; `pool` by default. */
  bypassingRlsOf?: (workspaceId: string) => Runner;
  /** Opens a connection outside the pool: for LISTEN, and for the worker's lock. */
  connect: () => Promise<pg.Client>;
  sandbox: Sandbox;
  toolbox: Toolbox;
  planner: Planner<ToolSource>;
  /** How often a run whose plan failed gets another one. */
  maxReplans?: number;
  log: Log;
  /** Signs the cursors of lists; at least 32 bytes, the same in every process. */
  cursorKeys: () => readonly [Buffer, ...Buffer[]];
  workers?: Partial<WorkerOptions>;
  queue?: Partial<QueueOptions>;
  limits?: Partial<Limits>;
  outputs?: Partial<OutputRoom>;
  calls?: Partial<CallPolicy>;
  asking?: Partial<AskPolicy>;
  approving?: Partial<ApprovalPolicy>;
  /** Four eyes: the principal that created a run may not decide about it. */
  fourEyes?: boolean;
  /** Which calls need no decision request; none by default. */
  approvalRules?: (run: RuledRun) => RuleCheck;
  /** Makes links to the pages where humans decide; without it events have no links. */
  links?: Links;
  /** For the fault harness only. */
  faults?: Faults;
};

/** `reader`: the principal that reads, which decides what links are shown; without it there are none. */
type RunView = { runId: string; includeEvents: boolean; includeToolCalls: boolean; reader?: Principal };
/** The bytes that an answer may have; `ANSWER_BYTES` by default. */
type Room = { room?: number };
type EventsView = { runId: string; after: number; includeToolCalls: boolean; reader?: Principal };

/** Carries out runs and answers requests about them. Every method gets the workspace for which it is called. */
export interface Engine {
  /**
   * `input.passThrough` is ignored; `origin` has it, sealed.
   * @throws ProblemError schema_*, plan_invalid, connection_not_found, connection_inactive; BacklogFull
   */
  create(workspaceId: string, input: CreateRunInput, origin?: RunOrigin): Promise<CreatedRun>;
  /** @throws ProblemError not_found */
  get(workspaceId: string, view: RunView & Room): Promise<AnswerText<Run>>;
  /** @throws ProblemError invalid_cursor */
  list(workspaceId: string, input: ListRunsInput & Room & { reader?: Principal }): Promise<AnswerText<RunList>>;
  /** @throws ProblemError not_found, run_already_finished */
  cancel(workspaceId: string, runId: string): Promise<Run>;
  /** @throws ProblemError not_found */
  plan(workspaceId: string, executionPlanId: string): Promise<ExecutionPlan>;
  /** @throws ProblemError not_found */
  events(workspaceId: string, view: EventsView & Room & { limit: number }): Promise<AnswerText<EventList>>;
  /** One call of a run with all its arguments and output. @throws ProblemError not_found */
  call(workspaceId: string, runId: string, toolCallId: string): Promise<AnswerText<ToolCall>>;
  /** Past events, then live ones until `end`; null when the run has ended and `after` is its last event. @throws ProblemError not_found, invalid_event_id */
  stream(workspaceId: string, view: EventsView, signal: AbortSignal): Promise<SentEvents | null>;
  /** Resolves when the run has ended or `ms` have passed. */
  wait(workspaceId: string, runId: string, ms: number, signal?: AbortSignal): Promise<void>;
  /** Open decision requests of all runs. */
  pending(workspaceId: string, input: ListPendingInput): Promise<PendingList>;
  /** @throws ProblemError not_found, validation_failed, effect_already_resolved, approval_gone, self_approval */
  resolveEffect(workspaceId: string, input: ResolveEffectInput, by: Principal): Promise<ResolvedEffect>;
  /** The approval request for the page that shows it. @throws ProblemError approval_not_found */
  approval(workspaceId: string, approvalId: string): Promise<ApprovalRequest>;
  /** @throws ProblemError approval_not_found, approval_gone, approval_already_decided, self_approval, validation_failed */
  decideApproval(workspaceId: string, input: DecideApprovalInput, by: Principal): Promise<Approval>;
  /** The question for the page that shows it. @throws ProblemError question_not_found */
  question(workspaceId: string, requestId: string): Promise<QuestionView>;
  /** @throws ProblemError question_not_found, question_gone, question_already_answered, validation_failed */
  answerQuestion(workspaceId: string, input: AnswerQuestionInput, by: Principal): Promise<AnsweredQuestion>;
  /** A consent or a credential was given or refused: all runs that wait for it continue. @returns the number of these runs */
  consented(workspaceId: string, consent: DecidedConsent): Promise<number>;
  /** Starts to follow events that other processes write. */
  startHub(): Promise<void>;
  /** Starts to carry out runs in this process. */
  startWorker(): Promise<void>;
  /** Claims no more runs, finishes or gives back those that it holds, and closes its connections (not the pool). */
  stop(): Promise<void>;
}

export function createEngine(options: EngineOptions): Engine {
  const { pool, connect, log, sandbox, toolbox, planner } = options;
  const workers = { ...defaultWorkerOptions, ...options.workers };
  const queue = { ...defaultQueueOptions, slots: slotsFor(workers.concurrency), ...options.queue };
  const poolOf = options.poolOf ?? (() => pool);
  const scopeOf = (workspaceId: string): RunScope => ({
    pool: poolOf(workspaceId),
    bypassingRls: options.bypassingRlsOf?.(workspaceId) ?? pool,
    workspaceId,
  });
  // A worker changes the workspace with each statement. To set it on the session each time would cost a tenth of the throughput.
  const workScopeOf = (workspaceId: string): WritingScope => ({ pool, workspaceId, transitions: options.transitions });
  const backlog = new Backlog(pool, log, queue);
  const hub = new Hub(pool, connect, log);
  const lister = new RunLister(options.cursorKeys);
  const limits = { ...defaultLimits, ...options.limits };
  const memory = new OutputMemory({ ...defaultOutputRoom, ...options.outputs });
  const policy = { ...defaultCallPolicy, ...options.calls };
  const asking = { ...defaultAskPolicy, ...options.asking };
  const approvalRules = options.approvalRules ?? (() => async () => false);
  const linkFor = (workspaceId: string, reader?: Principal) => linker(options.links, workspaceId, reader);
  const fourEyes = options.fourEyes ?? false;
  const policies = { ...defaultApprovalPolicy, ...options.approving };
  // Under four eyes a run cannot opt out of approvals.
  const approving = fourEyes ? { ...policies, floors: [...policies.floors, 'ON_WRITE' as const] } : policies;
  const faults = options.faults ?? noFaults;
  const publish: Publish = (...events) => {
    faults.at('append.after');
    hub.publish(...events);
  };
  const advancing = {
    maxReplans: options.maxReplans ?? MAX_REPLANS,
    ...{ scopeOf: workScopeOf, toolbox, planner, sandbox, publish, log, limits, memory, policy, asking, approving },
    ...{ allowedByRule: approvalRules, faults },
    waitUntilSeenAlive: (signal: AbortSignal) => worker.waitUntilSeenAlive(signal),
    due: () => worker.due(),
  };
  const worker: Worker = new Worker(
    { pool, batchPool: options.batchPool, connect, log },
    { ...workers, slots: queue.slots },
    {
      advance: (activation, draining) => advance(advancing, activation, draining),
      expire: () => expire(pool, publish),
      announceCredentials: () => announceForgotten(pool, { toolbox, publish }),
      announce: hub.announceDue,
    },
  );
  /** Called when this process made a run due. */
  const due = (runId: string) => (working ? worker.due(runId) : hub.announceDue());
  const makeDue: MakeDue = async (mayExceedSlots, statement) => {
    if (working) return worker.makeDue(mayExceedSlots, statement);
    const made = await statement(null);
    if (made) hub.announceDue();
    return made;
  };
  let working = false;

  return {
    async create(workspaceId, input, origin) {
      const created = await create(
        scopeOf(workspaceId),
        { toolbox, sandbox: sandbox.for(workspaceId), mayFill: planner.fill !== undefined, backlog, makeDue },
        input,
        origin,
      );
      faults.at('create.after');
      return created;
    },

    get: (workspaceId, { reader, room = ANSWER_BYTES, ...view }) =>
      getRun(scopeOf(workspaceId), view, room, linkFor(workspaceId, reader)),

    list: (workspaceId, { reader, room = ANSWER_BYTES, ...input }) =>
      lister.list(scopeOf(workspaceId), input, room, linkFor(workspaceId, reader)),

    call: (workspaceId, runId, toolCallId) => readCall(scopeOf(workspaceId), runId, toolCallId),

    async cancel(workspaceId, runId) {
      const run = await cancel(scopeOf(workspaceId), publish, runId);
      worker.abort(runId);
      return run;
    },

    async plan(workspaceId, executionPlanId) {
      const row = await readPlan(scopeOf(workspaceId), executionPlanId);
      if (!row) throw problem('not_found', 'There is no such execution plan.');
      return row.planType === 'json' && isEnvelope(row.plan)
        ? { planType: 'json', plan: row.plan.plan }
        : { planType: 'text', plan: typeof row.plan === 'string' ? row.plan : PLANNING };
    },

    events: (workspaceId, { reader, room = ANSWER_BYTES, ...view }) =>
      listEvents(scopeOf(workspaceId), view, room, linkFor(workspaceId, reader)),

    stream: (workspaceId, { reader, ...view }, signal) =>
      streamEvents(scopeOf(workspaceId), hub, { ...view, signal }, linkFor(workspaceId, reader)),

    async wait(workspaceId, runId, ms, signal) {
      const scope = scopeOf(workspaceId);
      const head = await readHead(scope, runId);
      if (!head || isTerminal(head.status)) return;
      const limit = AbortSignal.timeout(ms);
      const either = signal ? AbortSignal.any([signal, limit]) : limit;
      for await (const frame of hub.channelOf(scope, runId).follow(0, either)) if (frame.type === 'end') return;
    },

    pending: (workspaceId, input) => pending(scopeOf(workspaceId), input),

    resolveEffect: (workspaceId, input, by) =>
      resolveEffect(scopeOf(workspaceId), { toolbox, sandbox, publish, makeDue, fourEyes }, input, by),

    approval: (workspaceId, approvalId) => readApproval(scopeOf(workspaceId), approvalId),

    decideApproval: (workspaceId, input, by) =>
      decideApproval(scopeOf(workspaceId), { toolbox, sandbox, publish, makeDue, fourEyes }, input, by),

    question: (workspaceId, requestId) => readQuestion(scopeOf(workspaceId), requestId),

    answerQuestion: (workspaceId, input, by) => answerQuestion(scopeOf(workspaceId), { publish, makeDue }, input, by),

    async consented(workspaceId, consent) {
      const runs = await consented(scopeOf(workspaceId), { toolbox, publish }, consent);
      for (const runId of runs) due(runId);
      return runs.length;
    },

    startHub: () => hub.start(),

    async startWorker() {
      hub.onWrittenElsewhere(worker.recheck);
      hub.onDue(worker.dueElsewhere);
      await worker.start();
      working = true;
    },

    async stop() {
      if (working) {
        working = false;
        await worker.stop();
      }
      await hub.stop();
    },
  };
}
