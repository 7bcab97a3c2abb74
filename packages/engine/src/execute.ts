import type { FillAnswer, Json, Plan, Planner, PlanStep, RunError, Step, ToolSpec } from '@errand/contracts';
import type { Claim, RunScope } from '@errand/db';
import { canonicalJson, runPlan, type Sandbox, sha256Hex } from '@errand/plan';
import type { Budgeter } from './budget.ts';
import { type CallEnd, Caller, type CallPolicy } from './call.ts';
import { type StoredCall, storable } from './frame.ts';
import type { Catalog, Toolbox } from './ports.ts';
import type { Outcome } from './result.ts';
import { describe } from './step-text.ts';
import type { ActivationWriter } from './writer.ts';

type Deps = {
  toolbox: Toolbox;
  planner: Planner;
  sandbox: Sandbox;
  writer: ActivationWriter;
  budget: Budgeter;
  signal: AbortSignal;
  policy: CallPolicy;
};

/**
 * Executes a plan as far as it goes, writing an event for each step that ends.
 * @returns what came of it; null when the run was taken away
 */
export async function execute(
  scope: RunScope,
  claim: Claim,
  plan: Plan,
  catalog: Catalog,
  deps: Deps,
): Promise<Outcome | null> {
  const { run } = claim;
  const { writer, budget, signal } = deps;
  const sandbox = deps.sandbox.for(scope.workspaceId);
  const caller = new Caller(
    { workspaceId: scope.workspaceId, runId: run.runId, userId: run.userId },
    claim.ledger,
    deps,
  );
  const shown = new Set(claim.shownSteps);
  const gathered = new Map<string, CallEnd[]>();
  const begunSteps = new Set<string>(shown);
  let effects = 0;

  const end = await runPlan(plan, {
    scope: { intent: run.intent, context: run.context, input: {}, now: run.createdAt.toISOString() },
    sandbox,
    tools: catalog.tools,
    signal,
    call: async (invocation) => {
      const over = begunSteps.has(invocation.step.id) ? undefined : budget.spendStep();
      begunSteps.add(invocation.step.id);
      if (over) return { kind: 'failed', ...over };
      const ended = await caller.call(invocation);
      if (ended.effect) effects++;
      const ends = gathered.get(invocation.step.id) ?? [];
      ends.push(ended);
      gathered.set(invocation.step.id, ends);
      return ended.outcome;
    },
    ...(deps.planner.fill && { fill: filler(claim, deps, deps.planner.fill.bind(deps.planner)) }),
    onStep: (ended) => {
      // A step whose event was written in an earlier activation is not told twice.
      if (shown.has(ended.step.id) || ended.state === 'waiting' || ended.state === 'stopped') return;
      const calls = (gathered.get(ended.step.id) ?? [])
        .map((e) => e.shown)
        .filter((call): call is StoredCall => call !== undefined);
      writer.add({ event: { type: 'step', step: stepOf(ended, catalog.tools) }, calls, usage: { steps: 1 } });
    },
  });
  if (end.state === 'stopped') {
    if (!budget.exhausted) return null;
  }
  const failures = [...end.steps.values()].flatMap((step) =>
    step.state === 'failed' && step.error ? [step.error] : [],
  );
  const over = budget.failure();
  if (over && !failures.some((f) => f.code === over.code)) failures.push(over);
  return { effects, failures, ...(await resultOf(end, claim, sandbox)) };
}

function stepOf(
  ended: { step: PlanStep; state: string; output?: Json; error?: { code: string; message: string } },
  tools: readonly ToolSpec[],
): Step {
  const tool = tools.find((t) => t.name === ended.step.tool);
  return {
    stepId: ended.step.id,
    reason: ended.step.reason ?? tool?.title ?? `Call ${ended.step.tool}`,
    approval: 'NOT_REQUIRED',
    text: describe(ended),
  };
}

async function resultOf(
  end: { result?: Json; resultError?: { code: string; message: string } },
  claim: Claim,
  sandbox: Sandbox,
): Promise<{ result: Json | undefined; resultError: RunError | null }> {
  if (end.resultError) {
    return {
      result: undefined,
      resultError: { ...end.resultError, code: end.resultError.code as RunError['code'], retryable: false },
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
  return async (hole: {
    stepId: string;
    pointer: string;
    prompt: string;
    schema?: Record<string, unknown>;
    outputs: Readonly<Record<string, Json>>;
  }): Promise<Json> => {
    const { stepId, pointer, prompt, schema, outputs } = hole;
    const key = `fill:${stepId}:${pointer}`;
    const argsSha256 = sha256Hex(canonicalJson({ prompt, outputs }));
    const row = known.get(key);
    if (row?.state === 'DONE' && row.argsSha256 === argsSha256) return row.output;
    const { intent, context, createdAt } = claim.run;
    const answer: FillAnswer = await fill({
      intent,
      context,
      now: createdAt.toISOString(),
      prompt,
      schema,
      outputs,
      signal: deps.signal,
    });
    const { inputTokens, outputTokens } = answer.usage;
    const value = storable(answer.value);
    deps.budget.spendTokens(inputTokens + outputTokens);
    deps.writer.add({
      usage: answer.usage,
      ledger: {
        key,
        kind: 'model',
        stepId,
        iteration: 0,
        tool: null,
        args: { prompt },
        argsSha256,
        effect: 'read',
        state: 'DONE',
        output: value,
        idempotencyKey: null,
        attempts: 1,
        inputTokens,
        outputTokens,
      },
    });
    return value;
  };
}
