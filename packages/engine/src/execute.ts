import {
  type Json,
  type Plan,
  type Planner,
  type PlanStep,
  type RunError,
  type Step,
  system,
  type ToolSource,
  type ToolSpec,
} from '@errand/contracts';
import { type Claim, type RunScope, storable } from '@errand/db';
import { runPlan, type Sandbox, type StepEnd, type StepError, shownOutputs, unusableText } from '@errand/plan';
import type { Approvals } from './approval.ts';
import type { Questions } from './ask.ts';
import type { Budgeter } from './budget.ts';
import { Caller, type CallPolicy } from './call.ts';
import { Consents } from './consent.ts';
import { decideConsents } from './decide.ts';
import { type Envelope, toolNames } from './envelope.ts';
import type { Faults } from './faults.ts';
import { filler } from './fill.ts';
import { type OutputMemory, Outputs } from './outputs.ts';
import type { Catalog, Log, Toolbox } from './ports.ts';
import { Recall } from './recall.ts';
import { holdsValue, type Outcome, runErrorOf } from './result.ts';
import { describe, forPlanner, onlyAnswer, reasonOf } from './step-text.ts';
import type { Publish } from './transition.ts';
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
  memory: OutputMemory;
  log: Log;
  publish: Publish;
  maySend: () => Promise<boolean>;
  /** Told as soon as calls can be made, so that an error can be answered with what they came to. */
  began: (calls: Began) => void;
};

/** The calls of an activation: how to wait for those in flight, how many may have changed something, how many were about to. */
export type Began = { settle: () => Promise<void>; readonly effects: number; readonly intended: number };

/** What the expressions of a run's plan read of the run; the same in each activation. */
export const readableOf = (run: Pick<Claim['run'], 'intent' | 'context' | 'createdAt'>) => ({
  intent: run.intent,
  context: run.context,
  input: {},
  now: run.createdAt.toISOString(),
});

/**
 * Executes a plan as far as it goes, writing an event for each step that ends.
 * @returns what came of it; `waiting` when humans must decide first; `again` when what it waited for came meanwhile; null when the run was taken away
 */
export async function execute(
  scope: RunScope,
  claim: Claim,
  envelope: Pick<Envelope, 'plan' | 'pins'>,
  catalog: Catalog,
  deps: Deps,
): Promise<Outcome | 'waiting' | 'again' | null> {
  const outputs = new Outputs(deps.memory, scope, claim.run.runId, () => deps.writer.flush());
  try {
    return await carry(scope, claim, envelope, catalog, { ...deps, outputs });
  } finally {
    outputs.close();
  }
}

async function carry(
  scope: RunScope,
  claim: Claim,
  { plan, pins }: Pick<Envelope, 'plan' | 'pins'>,
  catalog: Catalog,
  deps: Deps & { outputs: Outputs },
): Promise<Outcome | 'waiting' | 'again' | null> {
  const { run } = claim;
  const withTexts = deps.outputs.withTexts.bind(deps.outputs);
  const { writer, budget, signal } = deps;
  const sandbox = deps.sandbox.for(scope.workspaceId);
  const recall = new Recall(claim.ledger, deps.questions, writer, deps.outputs, { scope, runId: run.runId });
  const self = {
    workspaceId: scope.workspaceId,
    runId: run.runId,
    userId: run.userId,
    ...(claim.sealedPassThrough && { sealedPassThrough: claim.sealedPassThrough }),
  };
  const consents = new Consents(self, deps.questions, writer, deps.toolbox);
  const caller = new Caller(self, recall, { ...deps, consents, pins });
  deps.began({
    settle: () => caller.settle(),
    get effects() {
      return recall.effects;
    },
    get intended() {
      return caller.intended;
    },
  });
  const shown = new Set(claim.shownSteps);
  const begunSteps = new Set<string>(shown);

  const used = toolNames(plan);
  const tools = await catalog.named(used);
  const present = new Set(tools.map(({ name }) => name));
  const absent = used.filter((name) => !present.has(name));
  const unusable = absent.length > 0 ? await catalog.unusable(absent) : undefined;
  await consents.look(tools);

  const end = await runPlan(plan, {
    scope: readableOf(run),
    sandbox,
    tools,
    absent: (name) => {
      const why = unusable?.get(name);
      return why && { code: why === 'off' ? 'tool_not_allowed' : 'tool_changed', message: unusableText(name, why) };
    },
    signal,
    withTexts,
    over: (toolCallId) => (recall.row(toolCallId) ? undefined : budget.failure()),
    call: async (invocation) => {
      const over = begunSteps.has(invocation.step.id) ? undefined : budget.spendStep();
      begunSteps.add(invocation.step.id);
      if (over) return { kind: 'failed', ...over };
      return caller.call(invocation);
    },
    ...(deps.planner.fill && { fill: filler(claim, deps, deps.planner.fill.bind(deps.planner)) }),
    ...(run.outputSchema && { outputSchema: run.outputSchema }),
    onStep: async (step, ended) => {
      // A step whose end was told by an earlier activation is not told twice.
      if (shown.has(step.id) || ended.state === 'waiting' || ended.state === 'pending') return;
      tellCause(deps.log, run.runId, step.id, ended.error);
      const calls = ended.calls.flatMap((call) => recall.shown(call, step.tool) ?? []);
      const tool = tools.find(({ name }) => name === step.tool);
      const answer = onlyAnswer(tool, ended);
      const amount = answer ? await deps.outputs.amount(answer) : '';
      writer.add({
        event: { type: 'step', step: stepOf(step, ended, tool, recall, amount) },
        calls,
        usage: { steps: 1 },
      });
    },
  });
  // A call that was aborted may have happened: what is told of the run must count it.
  await caller.settle();
  if (end.state === 'stopped' && !budget.exhausted) return null;
  if (end.state === 'waiting' && !budget.exhausted) {
    await writer.flush();
    const { userId } = run;
    let answered = 0;
    for (const customerIntegrationId of await consents.given()) {
      const given = { customerIntegrationId, userId, success: true, by: system };
      answered += await decideConsents(scope, deps.publish, given);
    }
    return answered > 0 ? 'again' : 'waiting';
  }
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
  const outputs =
    failures.length > 0 && deps.planner.replans ? await shownOutputs(outputsOf(end.steps), withTexts) : {};
  const came = cameOf(plan, end.steps, resultError, outputs);
  return { effects: recall.effects, failures, result, resultError, came };
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

// A step was skipped because its condition did not hold, and what is left tells nothing: the goal was out of reach.
const foundNothing = (plan: Plan, steps: ReadonlyMap<string, StepEnd>, result: Json | undefined): boolean =>
  (result === undefined || !holdsValue(result)) &&
  plan.steps.some((step) => step.when !== undefined && steps.get(step.id)?.state === 'skipped');

function stepOf(step: PlanStep, end: StepEnd, tool: ToolSpec | undefined, recall: Recall, amount: string): Step {
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
