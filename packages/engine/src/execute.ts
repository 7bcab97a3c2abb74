import {
  type Json,
  type Plan,
  type Planner,
  type PlanStep,
  type RunError,
  type Step,
  system,
  type TokenUsage,
  type ToolSource,
  type ToolSpec,
} from '@errand/contracts';
import { type Claim, storable } from '@errand/db';
import {
  canonicalJson,
  type FillAsk,
  type FillOutcome,
  operationLabel,
  runPlan,
  type Sandbox,
  type StepEnd,
  type StepError,
  sha256Hex,
} from '@errand/plan';
import type { Approvals } from './approval.ts';
import type { Questions } from './ask.ts';
import type { Budgeter } from './budget.ts';
import { Caller, type CallPolicy } from './call.ts';
import { Consents } from './consent.ts';
import { decideConsents } from './decide.ts';
import { type Envelope, toolNames } from './envelope.ts';
import type { Faults } from './faults.ts';
import type { Catalog, Log, Toolbox } from './ports.ts';
import { Recall } from './recall.ts';
import { holdsValue, type Outcome, runErrorOf } from './result.ts';
import { describe, forPlanner, reasonOf } from './step-text.ts';
import type { Publish, WritingScope } from './transition.ts';
import type { ActivationWriter } from './writer.ts';

type Deps = {
  toolbox: Toolbox;
  planner: Planner<ToolSource>;
  sandbox: Sandbox;
  writer: ActivationWriter;
  budget: Budgeter;
  signal: AbortSignal;
  policy: CallPolicy;
  questions: Questions;
  approvals: Approvals;
  faults: Faults;
  log: Log;
  publish: Publish;
  maySend: () => Promise<boolean>;
  /** Told as soon as calls can be made, so that an error can be answered with what they came to. */
  began: (calls: Began) => void;
};

/** The calls of an activation: how to wait for those in flight, how many may have changed something, how many were about to. */
export type Began = { settle: () => Promise<void>; readonly effects: number; readonly intended: number };

/** A plan under way in one activation. */
export class Execution {
  private readonly recall: Recall;
  private readonly consents: Consents;
  private readonly caller: Caller;
  private readonly fill: ReturnType<typeof filler> | undefined;
  /** Steps whose end was told, and steps that were begun. */
  private readonly shown: Set<string>;
  private readonly begunSteps: Set<string>;
  private readonly inReview: Promise<ReadonlySet<string>>;

  constructor(
    private readonly scope: WritingScope,
    private readonly claim: Claim,
    private readonly planned: Pick<Envelope, 'plan' | 'pins'>,
    private readonly tools: readonly ToolSpec[],
    catalog: Catalog,
    private readonly deps: Deps,
  ) {
    const { run } = claim;
    const self = {
      workspaceId: scope.workspaceId,
      runId: run.runId,
      userId: run.userId,
      ...(claim.sealedPassThrough && { sealedPassThrough: claim.sealedPassThrough }),
    };
    const recall = new Recall(claim.ledger, deps.questions, deps.writer);
    this.recall = recall;
    this.consents = new Consents(self, deps.questions, deps.writer, deps.toolbox);
    const caller = new Caller(self, recall, { ...deps, consents: this.consents, pins: planned.pins });
    this.caller = caller;
    this.fill = deps.planner.fill && filler(claim, deps, deps.planner.fill.bind(deps.planner));
    this.shown = new Set(claim.shownSteps);
    this.begunSteps = new Set(claim.shownSteps);
    const present = new Set(tools.map(({ name }) => name));
    const absent = toolNames(planned.plan).filter((name) => !present.has(name));
    this.inReview = absent.length > 0 ? catalog.inReview(absent).then((names) => new Set(names)) : Promise.resolve(new Set());
    // Who asks hears of it.
    this.inReview.catch(() => {});
    deps.began({
      settle: () => caller.settle(),
      get effects() {
        return recall.effects;
      },
      get intended() {
        return caller.intended;
      },
    });
  }

  /**
   * Goes on with the plan as far as it goes, writing an event for each step that ends. Calls that are under way go on over rounds: the
   * next one waits for them and does not make them again.
   * @param look ends the round because humans have answered
   * @returns what came of the plan; `waiting` when humans must decide first; `look` when it was ended by `look`; null when the run was taken away
   */
  async round(look: AbortSignal): Promise<Outcome | 'waiting' | 'look' | null> {
    const { deps, claim, planned, tools, recall, caller } = this;
    const { plan } = planned;
    const { run } = claim;
    const { writer, budget, signal } = deps;
    const sandbox = deps.sandbox.for(this.scope.workspaceId);
    caller.begin();
    const inReview = await this.inReview;
    await this.consents.look(tools);

    const end = await runPlan(plan, {
      scope: { intent: run.intent, context: run.context, input: {}, now: run.createdAt.toISOString() },
      sandbox,
      tools,
      absent: (name) =>
        inReview.has(name)
          ? { code: 'tool_changed', message: `${operationLabel(name)} has changed at its service and waits for review.` }
          : undefined,
      signal: AbortSignal.any([signal, look]),
      call: async (invocation) => {
        const over = this.begunSteps.has(invocation.step.id) ? undefined : budget.spendStep();
        this.begunSteps.add(invocation.step.id);
        if (over) return { kind: 'failed', ...over };
        return caller.call(invocation);
      },
      ...(this.fill && { fill: this.fill }),
      ...(run.outputSchema && { outputSchema: run.outputSchema }),
      onStep: (step, ended) => {
        // A step whose end was told by an earlier activation is not told twice.
        if (this.shown.has(step.id) || ended.state === 'waiting' || ended.state === 'pending') return;
        this.shown.add(step.id);
        tellCause(deps.log, run.runId, step.id, ended.error);
        const calls = ended.calls.flatMap((call) => recall.shown(call, step.tool) ?? []);
        writer.add({
          event: { type: 'step', step: stepOf(step, ended, tools, recall) },
          calls,
          usage: { steps: 1 },
        });
      },
    });
    if (end.state === 'stopped' && look.aborted && !signal.aborted) return 'look';
    // A call that was aborted may have happened: what is told of the run must count it.
    await caller.settle();
    if (end.state === 'stopped' && !budget.exhausted) return null;
    if (end.state === 'waiting' && !budget.exhausted) return 'waiting';
    const failures = [...end.steps.values()].flatMap((step) =>
      (step.state === 'failed' || step.state === 'denied') && step.error ? [step.error] : [],
    );
    if (failures.length === 0 && end.partial && [...end.steps.values()].some((step) => step.unknown)) {
      failures.push({ code: 'output_unknown', message: 'The result needs an output that is not known.' });
    }
    const over = budget.failure();
    if (over && !failures.some((f) => f.code === over.code)) failures.push(over);
    tellCause(deps.log, run.runId, 'result', end.resultError);
    const { result, resultError } = await resultOf(end, claim, sandbox);
    if (failures.length === 0 && !resultError && recall.effects === 0 && foundNothing(plan, end.steps, result)) {
      failures.push({ code: 'nothing_found', message: 'Nothing was found to do this for.' });
    }
    return { effects: recall.effects, failures, result, resultError, came: cameOf(plan, end.steps, resultError) };
  }

  /**
   * Looks once more at what the user lacks, now that it is asked for: who gave it before that found nobody to tell.
   * @returns whether something was given
   */
  async answerConsents(): Promise<boolean> {
    const { userId } = this.claim.run;
    const answered: string[] = [];
    for (const customerIntegrationId of await this.consents.given()) {
      const given = { customerIntegrationId, userId, success: true, by: system };
      answered.push(...(await decideConsents(this.scope, this.deps.publish, given)));
    }
    return answered.length > 0;
  }
}

function cameOf(plan: Plan, steps: ReadonlyMap<string, StepEnd>, resultError: RunError | null): Outcome['came'] {
  const ended = [...steps];
  const failures = ended.flatMap(([stepId, { state, error }]) =>
    (state === 'failed' || state === 'denied') && error ? [failureOf(stepId, error)] : [],
  );
  if (resultError) failures.push(failureOf('result', resultError));
  const done = ended.filter(([, { state, unknown }]) => state === 'done' && !unknown);
  return { plan, failures, outputs: Object.fromEntries(done.map(([id, { output }]) => [id, output])) };
}

const failureOf = (stepId: string, error: StepError) => ({
  stepId,
  code: error.code,
  message: error.message,
  detail: forPlanner(error),
});

// What failed underneath is for whoever runs the service: it may quote what strangers wrote.
function tellCause(log: Log, runId: string, stepId: string, error: StepError | undefined): void {
  if (error?.cause !== undefined)
    log.info({ runId, stepId, code: error.code, cause: error.cause }, 'An expression of a plan failed.');
}

// A step was skipped because its condition did not hold, and what is left tells nothing: the goal was out of reach.
const foundNothing = (plan: Plan, steps: ReadonlyMap<string, StepEnd>, result: Json | undefined): boolean =>
  (result === undefined || !holdsValue(result)) &&
  plan.steps.some((step) => step.when !== undefined && steps.get(step.id)?.state === 'skipped');

function stepOf(step: PlanStep, end: StepEnd, tools: readonly ToolSpec[], recall: Recall): Step {
  const tool = tools.find((t) => t.name === step.tool);
  return {
    stepId: step.id,
    ...recall.approvalOf(end.calls.map((call) => call.toolCallId)),
    reason: reasonOf(step, tool),
    text: describe(tool, end),
  };
}

async function resultOf(
  end: { result?: Json; resultError?: StepError },
  claim: Claim,
  sandbox: Sandbox,
): Promise<{ result: Json | undefined; resultError: RunError | null }> {
  if (end.resultError) {
    return {
      result: undefined,
      resultError: runErrorOf(end.resultError, false),
    };
  }
  if (end.result === undefined) return { result: undefined, resultError: null };
  const result = storable(end.result);
  const schema = claim.run.outputSchema;
  if (!schema) return { result, resultError: null };
  const verdict = await sandbox.validate(schema, result);
  if (verdict.ok) return { result, resultError: null };
  const message = 'The result does not fit outputSchema.';
  return {
    result: undefined,
    resultError: { code: 'result_validation_failed', message, retryable: false, errors: verdict.errors },
  };
}

// A value that a model fills in is asked for once: the ledger keeps the answer.
function filler(claim: Claim, deps: Deps, fill: NonNullable<Planner['fill']>) {
  const known = new Map(claim.ledger.filter((row) => row.kind === 'model').map((row) => [row.key, row]));
  const asked = new Map<string, Promise<FillOutcome>>();
  return async (ask: FillAsk): Promise<FillOutcome> => {
    const { stepId, iteration, pointer, prompt, outputs } = ask;
    const key = `fill:${stepId ?? 'result'}${iteration === null ? '' : `.${iteration}`}:${pointer}`;
    const argsSha256 = sha256Hex(canonicalJson({ prompt, outputs }));
    const row = known.get(key);
    if (row?.state === 'DONE' && row.argsSha256 === argsSha256) return { kind: 'done', value: row.output };
    const name = `${key} ${argsSha256}`;
    const answer = asked.get(name) ?? fillIn(ask, key, argsSha256);
    asked.set(name, answer);
    return answer;
  };
  async function fillIn(ask: FillAsk, key: string, argsSha256: string): Promise<FillOutcome> {
    const { stepId, iteration, prompt, schema, outputs } = ask;
    const over = deps.budget.failure();
    if (over) return { kind: 'failed', ...over };
    const { intent, context, createdAt } = claim.run;
    const request = { intent, context, now: createdAt.toISOString(), prompt, schema, outputs, signal: deps.signal };
    try {
      const { value, usage } = await fill(request);
      const output = storable(value);
      deps.budget.spendTokens(usage.inputTokens + usage.outputTokens);
      const entry = {
        key,
        kind: 'model',
        stepId,
        iteration: iteration ?? 0,
        tool: null,
        args: { prompt },
        argsSha256,
      } as const;
      deps.writer.add({
        usage,
        ledger: { ...entry, ...usage, effect: 'read', state: 'DONE', output, idempotencyKey: null, attempts: 1 },
      });
      return { kind: 'done', value: output };
    } catch (error) {
      if (deps.signal.aborted && !deps.budget.exhausted) return { kind: 'stopped' };
      deps.writer.add({ usage: usageOf(error) });
      // Planners name what the model or its endpoint did; what else is thrown is a fault of ours.
      const known = error instanceof Error && (error as { code?: unknown }).code === 'model_failed';
      if (!known) deps.log.error({ err: error, runId: claim.run.runId }, 'Asking the model broke.');
      return { kind: 'failed', code: 'model_failed', message: known ? error.message : 'The model could not be asked.' };
    }
  }
}

// A model that failed may have used tokens all the same, and says so.
function usageOf(error: unknown): TokenUsage {
  const usage = (error as { usage?: Partial<TokenUsage> } | null)?.usage;
  return { inputTokens: usage?.inputTokens ?? 0, outputTokens: usage?.outputTokens ?? 0 };
}
