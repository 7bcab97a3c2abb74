import {
  type Json,
  type Plan,
  type PlanStep,
  type RunError,
  type Step,
  system,
  type ToolSpec,
} from '@errand/contracts';
import { type Claim, storable } from '@errand/db';
import {
  type PlanEnd,
  runPlan,
  type Sandbox,
  type StepEnd,
  type StepError,
  shownOutputs,
  unusableText,
} from '@errand/plan';
import { Consents } from '../decisions/consent.ts';
import { decideConsents } from '../decisions/decide.ts';
import type { Catalog, Log } from '../ports.ts';
import { type Envelope, toolNames } from '../runs/envelope.ts';
import { foundNothing, type Outcome, runErrorOf } from '../runs/result.ts';
import type { WritingScope } from '../transition.ts';
import { Caller } from './call.ts';
import type { ExecutionDeps } from './execution-deps.ts';
import { filler } from './fill.ts';
import { Outputs } from './outputs.ts';
import { PreviousCalls } from './previous-calls.ts';
import { readableOf } from './readable.ts';
import { describe, forPlanner, onlyAnswer, reasonOf } from './step-text.ts';

/** A plan under way in one activation. Who made it closes it. */
export class Execution {
  readonly #scope: WritingScope;
  readonly #claim: Claim;
  readonly #planned: Pick<Envelope, 'plan' | 'fingerprints'>;
  readonly #tools: readonly ToolSpec[];
  readonly #deps: ExecutionDeps;

  readonly #outputs: Outputs;
  readonly #recall: PreviousCalls;
  readonly #consents: Consents;
  readonly #caller: Caller;
  readonly #fill: ReturnType<typeof filler> | undefined;
  /** Steps that were begun. */
  readonly #begun: Set<string>;
  /** Ends of steps that this activation tells. */
  readonly #told = new Map<string, Promise<void>>();
  readonly #unusable: ReturnType<Catalog['unusable']>;

  constructor(
    scope: WritingScope,
    claim: Claim,
    planned: Pick<Envelope, 'plan' | 'fingerprints'>,
    tools: readonly ToolSpec[],
    catalog: Catalog,
    deps: ExecutionDeps,
  ) {
    this.#scope = scope;
    this.#claim = claim;
    this.#planned = planned;
    this.#tools = tools;
    this.#deps = deps;

    const { workspaceId } = scope;
    const { runId, userId } = claim.run;
    const { requests, writer, planner } = deps;
    const outputs = new Outputs(deps.memory, scope, runId, () => writer.flush());
    const recall = new PreviousCalls(claim.ledger, requests, writer, outputs, { scope, runId });
    const self = {
      ...{ workspaceId, runId, userId },
      ...(claim.sealedPassThrough && { sealedPassThrough: claim.sealedPassThrough }),
    };
    const consents = new Consents(self, requests, writer, deps.toolbox);
    const caller = new Caller(self, recall, { ...deps, outputs, consents, fingerprints: planned.fingerprints });
    this.#outputs = outputs;
    this.#recall = recall;
    this.#consents = consents;
    this.#caller = caller;
    this.#fill = planner.fill && filler(claim, { ...deps, outputs }, planner.fill.bind(planner));
    this.#begun = new Set(claim.shownSteps);
    const present = new Set(tools.map(({ name }) => name));
    this.#unusable = catalog.unusable(toolNames(planned.plan).filter((name) => !present.has(name)));
    // Whoever waits for it hears of it.
    this.#unusable.catch(() => {});
    deps.began(this);
  }

  /** Waits for the calls that are in flight. */
  settle(): Promise<void> {
    return this.#caller.settle();
  }

  get effects(): number {
    return this.#recall.effects;
  }

  get intended(): number {
    return this.#caller.intended;
  }

  /** Nothing of its outputs stays in memory. */
  close(): void {
    this.#outputs.close();
  }

  /**
   * Goes on with the plan as far as it goes, writing an event for each step that ends. Calls that are under way go on over rounds: the
   * next one waits for them and does not make them again.
   * @param look ends the round because humans have answered
   * @returns what came of the plan; `waiting` when humans must decide first; `look` when it was ended by `look`; null when the run was taken away
   */
  async round(look: AbortSignal): Promise<Outcome | 'waiting' | 'look' | null> {
    const deps = this.#deps;
    const claim = this.#claim;
    const tools = this.#tools;
    const recall = this.#recall;
    const caller = this.#caller;
    const { run } = claim;
    const { budget, signal } = deps;
    caller.begin();
    const unusable = await this.#unusable;
    await this.#consents.look(tools);

    const end = await runPlan(this.#planned.plan, {
      scope: readableOf(run),
      sandbox: deps.sandbox.for(this.#scope.workspaceId),
      tools,
      absent: (name) => {
        const why = unusable.get(name);
        return why && { code: why === 'off' ? 'tool_not_allowed' : 'tool_changed', message: unusableText(name, why) };
      },
      signal: AbortSignal.any([signal, look]),
      withTexts: this.#outputs.withTexts.bind(this.#outputs),
      over: (toolCallId) => (recall.row(toolCallId) ? undefined : budget.failure()),
      call: async (invocation) => {
        const over = this.#begun.has(invocation.step.id) ? undefined : budget.spendStep();
        this.#begun.add(invocation.step.id);
        if (over) return { kind: 'failed', ...over };
        return caller.call(invocation);
      },
      ...(this.#fill && { fill: this.#fill }),
      ...(run.outputSchema && { outputSchema: run.outputSchema }),
      onStep: async (step, ended) => {
        // A step whose end was told by an earlier activation is not told twice.
        if (claim.shownSteps.includes(step.id) || ended.state === 'waiting' || ended.state === 'pending') return;
        const telling = this.#told.get(step.id) ?? this.#tell(step, ended);
        this.#told.set(step.id, telling);
        await telling;
      },
    });
    if (end.state === 'stopped' && look.aborted && !signal.aborted) return 'look';
    // A call that was aborted may have happened: what is told of the run must count it.
    await caller.settle();
    if (end.state === 'stopped' && !budget.exhausted) return null;
    if (end.state === 'waiting' && !budget.exhausted) return 'waiting';
    return this.#outcomeOf(end);
  }

  async #tell(step: PlanStep, ended: StepEnd): Promise<void> {
    const deps = this.#deps;
    const recall = this.#recall;
    tellCause(deps.log, this.#claim.run.runId, step.id, ended.error);
    const calls = ended.calls.flatMap((call) => recall.shown(call, step.tool) ?? []);
    const tool = this.#tools.find(({ name }) => name === step.tool);
    const answer = onlyAnswer(tool, ended);
    const amount = answer ? await this.#outputs.amount(answer) : '';
    deps.writer.add({
      event: { type: 'step', step: stepOf(step, ended, tool, recall, amount) },
      calls,
      usage: { steps: 1 },
    });
  }

  async #outcomeOf(end: PlanEnd): Promise<Outcome> {
    const deps = this.#deps;
    const claim = this.#claim;
    const recall = this.#recall;
    const { plan } = this.#planned;
    const failures = [...end.steps.values()].flatMap((step) =>
      (step.state === 'failed' || step.state === 'denied') && step.error ? [step.error] : [],
    );
    if (failures.length === 0 && end.partial && [...end.steps.values()].some((step) => step.unknown)) {
      failures.push({ code: 'output_unknown', message: 'The result needs an output that is not known.' });
    }
    const over = deps.budget.failure();
    if (over && !failures.some((f) => f.code === over.code)) failures.push(over);
    tellCause(deps.log, claim.run.runId, 'result', end.resultError);
    const { result, resultError } = await resultOf(end, claim, deps.sandbox.for(this.#scope.workspaceId));
    if (failures.length === 0 && !resultError && recall.effects === 0 && foundNothing(plan, end.steps, result)) {
      failures.push({ code: 'nothing_found', message: 'Nothing was found to do this for.' });
    }
    const withTexts = this.#outputs.withTexts.bind(this.#outputs);
    const outputs =
      failures.length > 0 && deps.planner.replans ? await shownOutputs(outputsOf(end.steps), withTexts) : {};
    const came = cameOf(plan, end.steps, resultError, outputs);
    return { effects: recall.effects, failures, result, resultError, came };
  }

  /**
   * Looks once more at what the user lacks, now that it is asked for: who gave it before that found nobody to tell.
   * @returns whether something was given
   */
  async answerConsents(): Promise<boolean> {
    const { userId } = this.#claim.run;
    const answered: string[] = [];
    for (const customerIntegrationId of await this.#consents.given()) {
      const given = { customerIntegrationId, userId, success: true, by: system };
      answered.push(...(await decideConsents(this.#scope, this.#deps.publish, given)));
    }
    return answered.length > 0;
  }
}

function cameOf(
  plan: Plan,
  steps: ReadonlyMap<string, StepEnd>,
  resultError: RunError | null,
  outputs: Record<string, string>,
): Outcome['came'] {
  const ended = [...steps];
  const failures = ended.flatMap(([stepId, { state, error }]) =>
    (state === 'failed' || state === 'denied') && error ? [failureOf(stepId, error)] : [],
  );
  if (resultError) failures.push(failureOf('result', resultError));
  return { plan, failures, outputs };
}

const outputsOf = (steps: ReadonlyMap<string, StepEnd>) =>
  new Map(
    [...steps].flatMap(([id, { state, unknown, output }]) =>
      state === 'done' && !unknown ? [[id, output] as const] : [],
    ),
  );

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

function stepOf(step: PlanStep, end: StepEnd, tool: ToolSpec | undefined, recall: PreviousCalls, amount: string): Step {
  return {
    stepId: step.id,
    ...recall.approvalOf(end.calls.map((call) => call.toolCallId)),
    reason: reasonOf(step, tool),
    text: describe(tool, end, amount),
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
