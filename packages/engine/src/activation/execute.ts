import { type Json, type PlanStep, type RunError, system, type ToolSpec } from '@errand/contracts';
import { type Claim, storable } from '@errand/db';
import {
  type Flows,
  flowsOf,
  itemsAsLists,
  outputExcerpts,
  type PlanEnd,
  runPlan,
  type Sandbox,
  type StepEnd,
  type StepError,
  stepTitle,
  toolNamed,
  unusableText,
} from '@errand/plan';
import type { Log } from '@errand/ports/log';
import type { Catalog } from '@errand/ports/toolbox';
import { decideConsents } from '../decisions/answer/decide-consents.ts';
import { Consents } from '../decisions/ask/consents.ts';
import { Inputs } from '../decisions/ask/inputs.ts';
import { doubtOfEnd } from '../decisions/ask/repeated-doubts.ts';
import { describe, onlyAnswer, reasonOf } from '../events/step-text.ts';
import { type Envelope, toolNames } from '../model/envelope.ts';
import type { WritingScope } from '../model/transition.ts';
import { foundNothing, type Outcome, runErrorOf } from '../runs/result.ts';
import type { ActivationDeps } from './activation-deps.ts';
import { Caller } from './calls/call.ts';
import { PreviousCalls } from './calls/previous-calls.ts';
import { QuestionSteps } from './calls/question-steps.ts';
import { expressionVariables } from './expression-variables.ts';
import { filler } from './fill.ts';
import { followed } from './followed.ts';
import { InWords } from './in-words.ts';
import { Outputs } from './outputs.ts';
import { failuresOf, outputsOf } from './planning/plan-report.ts';
import { StepStarts } from './step-starts.ts';

/** A plan with the tools that it names and that exist. */
type Planned = Envelope & { tools: readonly ToolSpec[]; catalog: Catalog };

/** The execution of a plan in one activation. Its creator must close it. */
export class Execution {
  readonly #scope: WritingScope;
  readonly #claim: Claim;
  readonly #planned: Planned;
  readonly #deps: ActivationDeps;

  readonly #outputs: Outputs;
  readonly #previousCalls: PreviousCalls;
  readonly #consents: Consents;
  readonly #caller: Caller;
  readonly #fill: ReturnType<typeof filler> | undefined;
  /** Ids of steps that were begun, and so were counted in the budget. */
  readonly #begun: Set<string>;
  /** Events of steps that this activation appends, by step id. */
  readonly #reported = new Map<string, Promise<void>>();
  readonly #unusable: ReturnType<Catalog['unusable']>;
  readonly #inWords: InWords;
  readonly #starts: StepStarts;
  readonly #flows: Promise<Flows>;

  constructor(scope: WritingScope, claim: Claim, planned: Planned, deps: ActivationDeps) {
    this.#scope = scope;
    this.#claim = claim;
    this.#planned = planned;
    this.#deps = deps;

    const { workspaceId } = scope;
    const { runId, userId } = claim.run;
    const { requests, writer, planner } = deps;
    const outputs = new Outputs(deps.memory, scope, runId, () => writer.flush());
    const wroteBefore = planned.earlier?.wrote ?? [];
    const known = { ...{ scope, runId, requests, writer, outputs, wroteBefore, now: deps.now }, tools: planned.tools };
    const previousCalls = new PreviousCalls(claim.ledger, known);
    const self = {
      ...{ workspaceId, runId, userId },
      ...(claim.run.sealedPassThrough && { sealedPassThrough: claim.run.sealedPassThrough }),
    };
    const consents = new Consents(self, requests, writer, deps.toolbox);
    const questionSteps = new QuestionSteps({ requests, writer, outputs, previousCalls });
    const inputs = new Inputs({
      ...{ scope, requests, writer, toolbox: deps.toolbox },
      sandbox: deps.sandbox.for(workspaceId),
    });
    const { fingerprints } = planned;
    const starts = new StepStarts(claim.ledger);
    const { intent, context, user } = claim.run;
    const said = { runId, intent, context, ...(user?.timeZone !== undefined && { timeZone: user.timeZone }) };
    const words = new InWords(planned, said, outputs, deps.log);
    const inWords = words.call.bind(words);
    const caller = new Caller(self, previousCalls, {
      ...{ ...deps, outputs, consents, questionSteps, inputs, fingerprints, starts },
      inWords,
    });
    this.#flows = flowsOf(planned.plan, deps.sandbox.for(workspaceId));
    this.#flows.catch(() => {});
    deps.approvals.follow(followed(planned, claim, { requests, flows: this.#flows, outputs }));
    this.#inWords = words;
    this.#starts = starts;
    this.#outputs = outputs;
    this.#previousCalls = previousCalls;
    this.#consents = consents;
    this.#caller = caller;
    this.#fill = planner.fill && filler(claim, { ...deps, outputs }, planner.fill.bind(planner));
    this.#begun = new Set(claim.reportedSteps);
    const present = new Set(planned.tools.map(({ name }) => name));
    this.#unusable = planned.catalog.unusable(toolNames(planned.plan).filter((name) => !present.has(name)));
    // A failure is reported where it is awaited.
    this.#unusable.catch(() => {});
    deps.began(this);
  }

  /** Waits until all calls in flight have an outcome. */
  settle(): Promise<void> {
    return this.#caller.settle();
  }

  get effects(): number {
    return this.#previousCalls.effects;
  }

  get intended(): number {
    return this.#caller.intended;
  }

  /** Frees the memory that its outputs take. */
  close(): void {
    this.#outputs.close();
  }

  /**
   * Executes the plan as far as possible and appends an event for each step that ends. Calls in flight continue when a round ends:
   * the next round waits for them instead of making them again.
   * @param due aborted when a human has decided; the round then ends
   * @returns the outcome; `waiting`: humans must decide first; `due`: the round ended because of `due`; null: the lease was lost
   */
  async round(due: AbortSignal): Promise<Outcome | 'waiting' | 'due' | null> {
    const deps = this.#deps;
    const claim = this.#claim;
    const { tools } = this.#planned;
    const previousCalls = this.#previousCalls;
    const caller = this.#caller;
    const { run } = claim;
    const { budget, signal } = deps;
    caller.begin();
    const unusable = await this.#unusable;
    await this.#consents.requestMissing(tools);

    const end = await runPlan(this.#planned.plan, {
      scope: expressionVariables(run, this.#planned.input),
      sandbox: deps.sandbox.for(this.#scope.workspaceId),
      tools,
      absent: (name) => {
        const why = unusable.get(name);
        return why && { code: why === 'off' ? 'tool_not_allowed' : 'tool_changed', message: unusableText(name, why) };
      },
      signal: AbortSignal.any([signal, due]),
      withTexts: this.#outputs.withTexts.bind(this.#outputs),
      over: (toolCallId) => (previousCalls.row(toolCallId) ? undefined : budget.failure()),
      call: async (invocation) => {
        const over = this.#begun.has(invocation.step.id) ? undefined : budget.spendStep();
        this.#begun.add(invocation.step.id);
        if (over) return { kind: 'failed', ...over };
        return caller.call(invocation);
      },
      ...(this.#fill && { fill: this.#fill }),
      ...(run.outputSchema && { outputSchema: run.outputSchema }),
      onStep: async (step, ended) => {
        if (ended.state === 'waiting') await deps.approvals.askFor(step.id);
        // The log has the end of this step already, or the step has not ended.
        if (claim.reportedSteps.includes(step.id) || ended.state === 'waiting' || ended.state === 'pending') return;
        const reporting = this.#reported.get(step.id) ?? this.#report(step, ended);
        this.#reported.set(step.id, reporting);
        await reporting;
      },
    });
    if (end.state === 'stopped' && due.aborted && !signal.aborted) return 'due';
    // An aborted call may have taken effect: the outcome must count it.
    await caller.settle();
    if (end.state === 'stopped' && !budget.exhausted) return null;
    if (end.state === 'waiting' && !budget.exhausted) return 'waiting';
    return this.#outcomeOf(end);
  }

  async #report(step: PlanStep, ended: StepEnd): Promise<void> {
    const deps = this.#deps;
    const previousCalls = this.#previousCalls;
    logCause(deps.log, this.#claim.run.runId, step.id, ended.error);
    const calls = ended.calls.flatMap((call) => previousCalls.rendered(call, step.tool) ?? []);
    const tool = toolNamed(step.tool, this.#planned.tools);
    const answer = onlyAnswer(tool, ended);
    const amount = answer ? await this.#outputs.amount(answer) : '';
    const approval = previousCalls.approvalOf(ended.calls.map((call) => call.toolCallId));
    const texts = textsOf(step, ended, tool, amount);
    deps.writer.add({
      event: { type: 'step', step: { stepId: step.id, ...this.#timesOf(step, ended, tool), ...approval, ...texts } },
      calls,
      usage: { steps: 1 },
    });
  }

  #timesOf(step: PlanStep, { state }: StepEnd, tool: ToolSpec | undefined) {
    const startedAt = this.#starts.of(step.id);
    return {
      title: stepTitle(step.tool, tool),
      // Steps that wait are reported when they have ended.
      state: state as Exclude<StepEnd['state'], 'waiting' | 'pending'>,
      ...(startedAt && { startedAt: startedAt.toISOString(), endedAt: this.#deps.now().toISOString() }),
    };
  }

  async #outcomeOf(end: PlanEnd): Promise<Outcome> {
    const deps = this.#deps;
    const claim = this.#claim;
    const previousCalls = this.#previousCalls;
    const { plan } = this.#planned;
    const failures = [...end.steps.values()].flatMap((step) =>
      (step.state === 'failed' || step.state === 'denied') && step.error ? [step.error] : [],
    );
    if (failures.length === 0 && end.partial && [...end.steps.values()].some((step) => step.unknown)) {
      failures.push({
        code: 'output_unknown',
        message: 'The result needs the output of a call whose answer is not known.',
      });
    }
    const over = deps.budget.failure();
    if (over && !failures.some((f) => f.code === over.code)) failures.push(over);
    logCause(deps.log, claim.run.runId, 'result', end.resultError);
    const { result, resultError } = await resultOf(end, claim, deps.sandbox.for(this.#scope.workspaceId));
    const { effects, changed } = previousCalls;
    const doubtful = failures.length === 0 && !resultError && (await doubtOfEnd(this.#planned, this.#flows, result));
    if (doubtful) failures.push(doubtful.failure);
    const looked = plan.then !== undefined && failures.length === 0;
    const nothing = !looked && !changed && foundNothing(plan, end.steps, result);
    if (failures.length === 0 && !resultError && nothing) {
      failures.push({ code: 'nothing_found', message: 'Nothing was found to do this for.' });
    }
    const withTexts = this.#outputs.withTexts.bind(this.#outputs);
    const outputs =
      (looked || failures.length > 0) && (deps.planner.replans || deps.planner.looks)
        ? await outputExcerpts(outputsOf(end.steps), withTexts)
        : {};
    const failed = failuresOf(plan, end, resultError, (call, tool) => previousCalls.rendered(call, tool));
    const planReport = { plan, failures: failed, outputs, ...(looked && { looked }) };
    const summary = await this.#inWords.summary(this.#caller.done.of(plan), deps.requests.answeredQuestions(), result);
    const { found, missing } = end;
    const kept = doubtful ? doubtful.kept : result;
    return { effects, changed, failures, result: kept, found, missing, resultError, planReport, summary };
  }

  /**
   * Checks the requested consents again and decides those that the user gave before the request was stored.
   * @returns whether any request was decided
   */
  async answerConsents(): Promise<boolean> {
    const { userId } = this.#claim.run;
    const answered: string[] = [];
    for (const customerIntegrationId of await this.#consents.stored()) {
      const stored = { customerIntegrationId, userId, success: true, by: system };
      answered.push(...(await decideConsents(this.#scope, this.#deps, stored)));
    }
    return answered.length > 0;
  }
}

// The cause goes to the log only: it may quote text of callers or services.
function logCause(log: Log, runId: string, stepId: string, error: StepError | undefined): void {
  if (error?.cause !== undefined)
    log.info({ runId, stepId, code: error.code, cause: error.cause }, 'An expression of a plan failed.');
}

const textsOf = (step: PlanStep, end: StepEnd, tool: ToolSpec | undefined, amount: string) => ({
  reason: reasonOf(step, tool),
  text: describe(tool, end, amount),
});

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
  const listed = itemsAsLists(result, schema);
  if ((await sandbox.validate(schema, listed)).ok) return { result: listed, resultError: null };
  const message = 'The result does not fit outputSchema.';
  return {
    result: undefined,
    resultError: { code: 'result_validation_failed', message, retryable: false, errors: verdict.errors },
  };
}
