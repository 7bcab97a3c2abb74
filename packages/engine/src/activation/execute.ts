import { type Awaitable, chain } from '@errand/basics/awaitable';
import {
  BUILTIN_INTEGRATION_ID,
  type Json,
  type Plan,
  type PlanStep,
  type RunError,
  runErrorValues,
  system,
  type ToolSpec,
} from '@errand/contracts';
import { type Claim, storable } from '@errand/db';
import {
  type Flows,
  outputExcerpts,
  type PlanEnd,
  runPlan,
  type Sandbox,
  type StepEnd,
  type StepError,
  stepTitle,
  toolNamed,
  traceFlows,
  unusableText,
  wrapSingleItems,
} from '@errand/plan';
import type { Log } from '@errand/ports/log';
import type { Catalog } from '@errand/ports/toolbox';
import { decideConsents } from '../decisions/answer/decide-consents.ts';
import { Consents } from '../decisions/ask/consents.ts';
import { InputRequests } from '../decisions/ask/input-requests.ts';
import { doubtOfEnd } from '../decisions/ask/repeated-doubts.ts';
import { reasonOf, singleAnswer, stepOutcomeText } from '../events/step-text.ts';
import { doneBefore, type Envelope, stepsToRun, toolNames } from '../model/envelope.ts';
import type { WritingScope } from '../model/transition.ts';
import { StepSpans } from '../observation/step-spans.ts';
import { isNothingFound, type Outcome, runErrorOf } from '../runs/result.ts';
import type { ActivationDeps } from './activation-deps.ts';
import { Caller } from './calls/call.ts';
import { PreviousCalls } from './calls/previous-calls.ts';
import { dataFlowDeps } from './data-flow-deps.ts';
import { earlierSteps, refuseMissingCall } from './earlier-run.ts';
import { ValueFiller } from './fill.ts';
import { Outputs } from './outputs.ts';
import { failuresOf, outputsOf } from './planning/plan-report.ts';
import { RunDescriber } from './run-describer.ts';

/** A plan with its existing tools. */
type Planned = Envelope & { tools: readonly ToolSpec[]; catalog: Catalog };

/** Executes a plan in one activation. The creator must close it. */
export class Execution {
  readonly #outputs: Outputs;
  readonly #previousCalls: PreviousCalls;
  readonly #consents: Consents;
  readonly #caller: Caller;
  readonly #fill: ValueFiller['fill'] | undefined;
  /** Ids of begun steps, which the budget has counted. */
  readonly #begunSteps: Set<string>;
  /** Step events that this activation appends, by step id. */
  readonly #reportedSteps = new Map<string, Awaitable<void>>();
  readonly #unusableTools: ReturnType<Catalog['unusable']>;
  readonly #describer: RunDescriber;
  readonly #flows: Promise<Flows>;
  readonly #spans: StepSpans | undefined;
  /** For how long the run may sleep after this round, in ms, because calls wait for their services. */
  #sleepMs: number | undefined;
  readonly #withTexts: Outputs['withTexts'] = (outputs, use) => this.#outputs.withTexts(outputs, use);

  constructor(
    private readonly scope: WritingScope,
    private readonly claim: Claim,
    private readonly planned: Planned,
    private readonly deps: ActivationDeps,
  ) {
    const { workspaceId } = scope;
    const { runId, userId, intent, context, user, sealedPassThrough, restoredAt } = claim.run;
    const { requests, writer, planner, toolbox, now } = deps;
    const { plan, tools, fingerprints, earlier } = planned;
    const sandbox = deps.sandbox.for(workspaceId);
    const identity = { workspaceId, runId, userId, ...(sealedPassThrough && { sealedPassThrough }) };
    const outputs = new Outputs(deps.outputMemory, scope, runId, () => writer.flush());
    this.#outputs = outputs;
    const wroteBefore = earlier?.wrote ?? [];
    const recording = { scope, runId, requests, writer, outputs, now, restoredAt };
    this.#previousCalls = new PreviousCalls(claim.ledger, { ...recording, wroteBefore, tools });
    this.#consents = new Consents(identity, requests, writer, toolbox);
    const texts = { runId, intent, context, timeZone: user?.timeZone };
    this.#describer = new RunDescriber(planned, texts, outputs, deps.log);
    this.#spans = deps.span && new StepSpans(deps.span);
    const { createdAt } = claim.run;
    this.#caller = new Caller(identity, this.#previousCalls, {
      ...deps,
      spans: this.#spans,
      createdAt: claim.ledger.some(({ kind }) => kind === 'tool') ? undefined : createdAt,
      outputs,
      consents: this.#consents,
      inputs: new InputRequests({ scope, requests, writer, toolbox, sandbox }),
      sleep: (ms) => {
        this.#sleepMs = Math.min(ms, this.#sleepMs ?? ms);
      },
      fingerprints,
      describeCall: this.#describer.describeCall.bind(this.#describer),
    });
    this.#flows = traceFlows(plan, sandbox);
    this.#flows.catch(() => {});
    deps.approvals.setDataFlow(dataFlowDeps(planned, claim, { requests, flows: this.#flows, outputs }));
    this.#fill =
      planner.fill &&
      new ValueFiller(claim.run, claim.ledger, { ...deps, workspaceId, outputs }, planner.fill.bind(planner)).fill;
    this.#begunSteps = new Set(claim.reportedSteps);
    const present = new Set(tools.map(({ name }) => name));
    this.#unusableTools = planned.catalog.unusable(toolNames(plan).filter((name) => !present.has(name)));
    // The failure is reported where the promise is awaited.
    this.#unusableTools.catch(() => {});
    deps.onCalls(this);
  }

  /** Waits until all calls in flight have an outcome. */
  waitForCalls(): Promise<void> {
    return this.#caller.waitForCalls();
  }

  get effects(): number {
    return this.#previousCalls.effects;
  }

  get sleepMs(): number | undefined {
    return this.#sleepMs;
  }

  get intended(): number {
    return this.#caller.intended;
  }

  close(): void {
    this.#spans?.close();
    this.#outputs.close();
  }

  /**
   * Executes the plan as far as possible and appends an event for each step that ends. Calls in flight survive the end of a round: the
   * next round waits for them.
   * @param dueSignal aborted when a human has decided; the round then ends
   * @returns the outcome; `waiting`: humans must decide first, or services limit calls; `due`: the round ended because of `due`; null: the lease was lost
   */
  async runRound(dueSignal: AbortSignal): Promise<Outcome | 'waiting' | 'due' | null> {
    const { deps, claim } = this;
    const { tools } = this.planned;
    const caller = this.#caller;
    const { run } = claim;
    const { budget, signal } = deps;
    caller.beginRound();
    this.#sleepMs = undefined;
    const unusable = await this.#unusableTools;
    const toRun = toolNames(stepsToRun(this.planned));
    await this.#consents.requestMissing(tools.filter(({ name }) => toRun.includes(name)));

    const earlier = earlierSteps(this.planned, this.#previousCalls);
    const end = await runPlan(this.planned.plan, {
      scope: expressionVariables(run, this.planned.input),
      sandbox: deps.sandbox.for(this.scope.workspaceId),
      tools,
      whyNoTool: (name) => {
        const why = unusable.get(name);
        return why && { code: why === 'off' ? 'tool_not_allowed' : 'tool_changed', message: unusableText(name, why) };
      },
      ...(earlier && { earlier }),
      signal: AbortSignal.any([signal, dueSignal]),
      withTexts: this.#withTexts,
      refusal: (toolCallId) => (this.#previousCalls.row(toolCallId) ? undefined : budget.failure()),
      call: (invocation) => {
        const missing = refuseMissingCall(this.planned, invocation);
        if (missing) return missing;
        const exhausted = this.#begunSteps.has(invocation.step.id) ? undefined : budget.spendStep();
        this.#begunSteps.add(invocation.step.id);
        if (exhausted) return { kind: 'failed', ...exhausted };
        return caller.call(invocation);
      },
      ...(this.#fill && { fill: this.#fill }),
      ...(run.outputSchema && { outputSchema: run.outputSchema }),
      onStep: (step, ended) => {
        if (ended.state === 'waiting') return deps.approvals.approvalRequests.requestCollected(step.id);
        // The log already has the end of this step, or the step has not ended.
        if (claim.reportedSteps.includes(step.id) || ended.state === 'pending') return;
        if (this.#reportedSteps.has(step.id)) return this.#reportedSteps.get(step.id);
        const reporting = this.#report(step, ended);
        this.#reportedSteps.set(step.id, reporting);
        return reporting;
      },
    });
    if (end.state === 'stopped' && dueSignal.aborted && !signal.aborted) return 'due';
    // An aborted call may have taken effect: the outcome must count it.
    await caller.waitForCalls();
    if (end.state === 'stopped' && !budget.exhausted) return null;
    if (end.state === 'waiting' && !budget.exhausted) return 'waiting';
    return this.#outcomeOf(end);
  }

  #report(step: PlanStep, ended: StepEnd): Awaitable<void> {
    logCause(this.deps.log, this.claim.run.runId, step.id, ended.error);
    this.#spans?.endStep(step, ended);
    const answer = singleAnswer(toolNamed(step.tool, this.planned.tools), ended);
    return chain(answer ? this.#outputs.amount(answer) : '', (amount) => this.#addEvent(step, ended, amount));
  }

  #addEvent(step: PlanStep, ended: StepEnd, amount: string): void {
    const { deps } = this;
    const { views } = this.#previousCalls;
    const calls = ended.calls.flatMap((call) => views.viewOf(call, step.tool) ?? []);
    const tool = toolNamed(step.tool, this.planned.tools);
    const startedAt = this.#previousCalls.startOf(step.id);
    const takenFrom = doneBefore(this.planned, step.id);
    const endedAt = (takenFrom === undefined ? undefined : this.#previousCalls.endOf(step.id)) ?? deps.now();
    const text = stepOutcomeText(tool, ended, amount);
    deps.writer.add({
      event: {
        type: 'step',
        step: {
          stepId: step.id,
          title: stepTitle(step.tool, tool),
          // The caller excludes steps that have not ended.
          state: ended.state as Exclude<StepEnd['state'], 'waiting' | 'pending'>,
          ...(startedAt && { startedAt: startedAt.toISOString(), endedAt: endedAt.toISOString() }),
          ...views.approvalOf(ended.calls.map((call) => call.toolCallId)),
          reason: reasonOf(step, tool),
          text: takenFrom === undefined ? text : `Taken over from the earlier run: ${text}`,
          ...(takenFrom !== undefined && { takenFrom }),
        },
      },
      calls,
      ...(takenFrom === undefined && { usage: { steps: 1 } }),
    });
  }

  async #outcomeOf(end: PlanEnd): Promise<Outcome> {
    const { run } = this.claim;
    const { budget, log, requests, sandbox } = this.deps;
    const { plan } = this.planned;
    const failures = failuresIn(plan, end, budget.failure());
    logCause(log, run.runId, 'result', end.resultError);
    const { result, resultError } = await resultOf(end, run.outputSchema, sandbox.for(this.scope.workspaceId));
    const { effects, changed } = this.#previousCalls;
    const isSuccess = () => failures.length === 0 && !resultError;
    const doubt = isSuccess() ? await doubtOfEnd(this.planned, this.#flows, result) : undefined;
    if (doubt) failures.push(doubt.failure);
    const looked = plan.then !== undefined && failures.length === 0;
    const isEmpty = !looked && !changed && isNothingFound(plan, end.steps, result);
    if (isSuccess() && isEmpty) failures.push({ code: 'nothing_found', message: 'Nothing was found to do this for.' });
    const planReport = await this.#planReport(end, { looked, isFailed: failures.length > 0, resultError });
    const succeeded = this.#caller.succeeded.ofPlan(plan);
    const summary = await this.#describer.summarize(succeeded, requests.answeredQuestions(), result);
    const { hasFindings: found, missing } = end;
    return {
      effects,
      changed,
      failures,
      result: doubt ? doubt.remainingResult : result,
      found,
      missing,
      resultError,
      planReport,
      summary,
    };
  }

  /** The report for a planner that makes another plan. */
  async #planReport(
    end: PlanEnd,
    { looked, isFailed, resultError }: { looked: boolean; isFailed: boolean; resultError: RunError | null },
  ): Promise<NonNullable<Outcome['planReport']>> {
    const { planner } = this.deps;
    const { plan } = this.planned;
    const isRead = (looked || isFailed) && (planner.replans || planner.looks);
    const outputs = isRead ? await outputExcerpts(outputsOf(end.steps), this.#withTexts) : {};
    const failures = failuresOf(plan, end, resultError, (call, tool) => this.#previousCalls.views.viewOf(call, tool));
    return { plan, failures, outputs, ...(looked && { looked }) };
  }

  /**
   * Checks requested consents again, and decides those that the user gave before the request was stored.
   * @returns whether any request was decided
   */
  async answerConsents(): Promise<boolean> {
    const { userId } = this.claim.run;
    const answered: string[] = [];
    for (const customerIntegrationId of await this.#consents.integrationsWithCredential()) {
      const stored = { customerIntegrationId, userId, success: true, by: system };
      answered.push(...(await decideConsents(this.scope, this.deps, stored)));
    }
    return answered.length > 0;
  }
}

// The cause goes only to the log, because it may quote text of callers or services.
function logCause(log: Log, runId: string, stepId: string, error: StepError | undefined): void {
  if (error?.cause !== undefined)
    log.info({ runId, stepId, code: error.code, cause: error.cause }, 'An expression of a plan failed.');
}

/** Failures of the steps, of a result that needs an unknown output, and of the budget. */
function failuresIn(plan: Plan, { steps, partial }: PlanEnd, exhausted: StepError | undefined): StepError[] {
  const ends = [...steps.values()];
  const toolOf = new Map(plan.steps.map(({ id, tool }) => [id, tool]));
  const failures = [...steps].flatMap(([stepId, { state, error }]) => {
    if ((state !== 'failed' && state !== 'denied') || !error) return [];
    const { code, values = exhausted?.values } = error;
    if (code === 'budget_exhausted') return [{ ...error, ...(values && { values }) }];
    return [withStepValues(stepId, toolOf.get(stepId), error)];
  });
  if (failures.length === 0 && partial && ends.some((step) => step.unknown)) {
    failures.push({
      code: 'output_unknown',
      message: 'The result needs the output of a call whose answer is not known.',
    });
  }
  if (exhausted && !failures.some(({ code }) => code === exhausted.code)) failures.push(exhausted);
  return failures;
}

/** Adds the step to the values of its error. */
function withStepValues(stepId: string, tool: string | undefined, error: StepError): StepError {
  if (tool === undefined || !Object.hasOwn(runErrorValues, error.code)) return error;
  const customerIntegrationId = tool.slice(0, tool.indexOf('.'));
  const isService = customerIntegrationId !== BUILTIN_INTEGRATION_ID;
  const values = { stepId, tool, ...(isService && { customerIntegrationId }), ...error.values };
  return { ...error, values };
}

async function resultOf(
  { result: computed, resultError: failure }: Pick<PlanEnd, 'result' | 'resultError'>,
  schema: Claim['run']['outputSchema'],
  sandbox: Sandbox,
): Promise<{ result: Json | undefined; resultError: RunError | null }> {
  if (failure) return { result: undefined, resultError: runErrorOf(failure, false) };
  if (computed === undefined) return { result: undefined, resultError: null };
  const result = storable(computed);
  if (!schema) return { result, resultError: null };
  const verdict = await sandbox.validate(schema, result);
  if (verdict.ok) return { result, resultError: null };
  const lists = wrapSingleItems(result, schema);
  if ((await sandbox.validate(schema, lists)).ok) return { result: lists, resultError: null };
  const message = 'The result does not fit outputSchema.';
  return {
    result: undefined,
    resultError: { code: 'result_validation_failed', message, retryable: false, errors: verdict.errors },
  };
}

/**
 * The variables of plan expressions. `now` is the creation time of the run, so that every activation computes the same.
 * @param input the input of a run of an action
 */
export const expressionVariables = (
  run: Pick<Claim['run'], 'intent' | 'context' | 'createdAt' | 'user'>,
  input: { [name: string]: Json } = {},
) => ({
  intent: run.intent,
  context: run.context,
  input,
  now: run.createdAt.toISOString(),
  timeZone: run.user?.timeZone ?? 'UTC',
});
