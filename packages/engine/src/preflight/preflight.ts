import { timeLimit } from '@errand/basics/time-limit';
import {
  addUsage,
  choicesOf,
  type Json,
  type Plan,
  type Preflight,
  type PreflightInput,
  problem,
  Question,
  type RunUser,
  type StepDetails,
  type TokenUsage,
  type ToolSource,
  type ToolSpec,
  toFormSchema,
} from '@errand/contracts';
import { isDatabaseTrouble, newId, type RunScope, storable } from '@errand/db';
import { ASK, planDetails, planWords, renderWords, type Sandbox } from '@errand/plan';
import type { Log } from '@errand/ports/log';
import type { Planner } from '@errand/ports/planner';
import type { Catalog, Toolbox } from '@errand/ports/toolbox';
import type { Limits } from '../activation/budget.ts';
import { noDraft, planCheck, requestPlan } from '../activation/planning/plan-check.ts';
import type { ApprovalPolicy } from '../decisions/ask/approvals.ts';
import { type Envelope, isEnvelope, toolNames } from '../model/envelope.ts';
import { checkSchema } from '../model/validate.ts';
import { checkCallersPlan, selectTools, signatureOf, userWithTimeZone } from '../runs/create.ts';
import { findRepeat } from '../runs/repeat.ts';
import { costOf } from '../runs/result.ts';
import { planApprovals, type StepApproval } from './plan-approvals.ts';

export type PreflightDeps = {
  toolbox: Toolbox;
  sandbox: Sandbox;
  planner: Planner<ToolSource>;
  log: Log;
  limits: Limits;
  approvalPolicy: ApprovalPolicy;
  slots: PlanningSlots;
  timeZone?: string;
};

/** The result of a preflight. `missing`: consents and credentials of its user, without links. */
export type PreflightResult = Omit<Preflight, 'missingConsents'> & {
  missing: readonly { customerIntegrationId: string; integrationName: string }[];
};

type PreflightDraft = { plan?: Plan; repeatRunId?: string; usage: TokenUsage; problems: Preflight['problems'] };

/**
 * Plans a run and reports its calls and decisions, without calling or storing anything.
 * @throws ProblemError schema_*, plan_invalid, connection_not_found, connection_inactive, too_many_preflights
 */
export async function preflight(
  scope: RunScope,
  deps: PreflightDeps,
  request: { input: PreflightInput; sealedPassThrough?: Buffer | undefined; signal: AbortSignal },
): Promise<PreflightResult> {
  const { input, sealedPassThrough, signal } = request;
  if (input.outputSchema) await checkSchema(deps.sandbox, input.outputSchema, 'outputSchema');
  const catalog = await selectTools(scope, deps, input);
  const { plan, usage, problems, ...from } = await preflightPlan(scope, deps, { input, catalog, signal });
  const tools = plan ? await catalog.named(toolNames(plan)) : [];
  const { workspaceId } = scope;
  const run = { workspaceId, userId: input.userId, runId: newId(), ...(sealedPassThrough && { sealedPassThrough }) };
  const called = [...new Set(tools.map(({ customerIntegrationId }) => customerIntegrationId))];
  const tokens = usage.inputTokens + usage.outputTokens;
  const inWords = plan && planWords(plan, tools, input);
  const approvals = { strategy: input.approvalStrategy, plan, tools, called };
  const { steps, planNeedsApproval } = await planApprovals(workspaceId, deps, approvals);
  return {
    ...(plan && { plan }),
    ...from,
    words: inWords
      ? renderWords(inWords)
          .split('\n')
          .filter((line) => line !== '')
      : [],
    planNeedsApproval,
    steps: withDetails(steps, plan && inWords ? planDetails(plan, tools, inWords).steps : []),
    missing: called.length === 0 ? [] : await deps.toolbox.missingCredentials(run, called),
    estimate: { ...estimateOf(plan, tools), ...(tokens > 0 && { tokens }) },
    usage: toUsage(usage),
    problems: [...problems, ...budgetFaults(plan, input, deps.limits)],
  };
}

type PreflightRequest = { input: PreflightInput; catalog: Catalog; signal: AbortSignal };

async function preflightPlan(
  scope: RunScope,
  deps: PreflightDeps,
  { input, catalog, signal }: PreflightRequest,
): Promise<PreflightDraft> {
  const nothing = { usage: { inputTokens: 0, outputTokens: 0 }, problems: [] };
  const { sandbox, planner, timeZone } = deps;
  if (input.plan) {
    const callersPlan = await checkCallersPlan(scope, { ...deps, mayFill: planner.fill !== undefined }, input);
    return { plan: (callersPlan.plan as Json & Envelope).plan, ...nothing };
  }
  const repeat = await findRepeat(scope, sandbox, input, signatureOf(input));
  if (repeat && isEnvelope(repeat.plan)) return { plan: repeat.plan.plan, repeatRunId: repeat.runId, ...nothing };
  const user: RunUser | null = userWithTimeZone(input.user, timeZone);
  const { draft, usage, doubts } = await deps.slots.run(scope.workspaceId, () =>
    draftPlan(deps, { input, user, catalog }, signal),
  );
  if (draft.kind === 'none') {
    const errors = (draft.errors ?? []).slice(0, MAX_ERRORS);
    return {
      usage,
      problems: [
        { code: draft.code, message: draft.reason },
        ...errors.map(({ pointer, message }) => ({ code: draft.code, message, pointer: `/plan${pointer}` })),
      ],
    };
  }
  if (draft.kind === 'question') {
    const question = Question.safeParse(draft.question);
    const message = question.success ? question.data.question : 'The planner asks people first.';
    const choices = question.success ? choicesOf(question.data) : undefined;
    const requestedSchema = question.data?.fields && toFormSchema(question.data.fields);
    const offered = { ...(choices && { choices }), ...(requestedSchema && { requestedSchema }) };
    return { usage, problems: [{ code: 'question', message, ...offered }] };
  }
  const plan = storable(draft.plan as unknown as Json) as unknown as Plan;
  const looks =
    'The planner wants to read first what this plan reads, and goes on with another plan. Create the run without a plan.';
  return {
    plan,
    usage,
    problems: [
      ...(plan.then === undefined ? [] : [{ code: 'looks_first' as const, message: looks }]),
      ...doubts.map(({ pointer, message }) => ({ code: 'doubt' as const, message, pointer: `/plan${pointer}` })),
    ],
  };
}

/** Maximum reported errors of a plan. */
const MAX_ERRORS = 20;

function withDetails(steps: readonly StepApproval[], details: readonly StepDetails[]): Preflight['steps'] {
  return steps.map((step) => {
    const { needs, argOrigins } = details.find(({ stepId }) => stepId === step.stepId)!;
    return { ...step, needs, argOrigins };
  });
}

function estimateOf(plan: Plan | undefined, tools: readonly ToolSpec[]): Omit<Preflight['estimate'], 'tokens'> {
  const calls = (plan?.steps ?? []).filter(({ tool }) => tool !== ASK.name);
  const writes = calls.filter(({ tool }) => tools.find(({ name }) => name === tool)?.effect === 'write');
  const atLeast = calls.some(({ forEach, pages }) => forEach !== undefined || pages !== undefined);
  return { calls: calls.length, writes: writes.length, atLeast };
}

/** The token usage of a preflight, in the form of the API. */
function toUsage({ inputTokens, outputTokens, cachedInputTokens = 0, cost }: TokenUsage): Preflight['usage'] {
  const amount = cost?.amount ?? (inputTokens + outputTokens > 0 ? null : 0);
  const spent = costOf({ cost: amount, costCurrency: cost?.currency ?? null });
  return { inputTokens, cachedInputTokens, outputTokens, ...spent };
}

function budgetFaults(plan: Plan | undefined, { budget = {} }: PreflightInput, limits: Limits): Preflight['problems'] {
  const steps = Math.min(budget.maxSteps ?? limits.maxSteps, limits.maxSteps);
  const calls = Math.min(budget.maxToolCalls ?? limits.maxToolCalls, limits.maxToolCalls);
  const has = plan?.steps.length ?? 0;
  if (has <= steps && has <= calls) return [];
  const message = `The plan has ${has} steps, and the budget allows ${Math.min(steps, calls)}: the run would end with a part of it.`;
  return [{ code: 'budget_exhausted', message, pointer: '/budget' }];
}

/** How long a caller waits for a plan, in ms. */
const PLANNING_MS = 45_000;

/** RequiredApprovals the planner for a plan, as a new run would, without any call. @throws when the signal is aborted */
async function draftPlan(
  { planner, sandbox, log, limits: { maxTokens } }: PreflightDeps,
  { input, user, catalog }: { input: PreflightInput; user: RunUser | null; catalog: Catalog },
  signal: AbortSignal,
) {
  const { intent, context, userId, outputSchema, budget } = input;
  const usage: TokenUsage = { inputTokens: 0, outputTokens: 0 };
  const most = Math.min(budget?.maxTokens ?? maxTokens, maxTokens);
  const limit = timeLimit(PLANNING_MS);
  const goal = { intent, context, userId, answers: [], ...(user && { user }), ...(outputSchema && { outputSchema }) };
  const { check, lastDoubts } = planCheck({ planner, sandbox }, { catalog, goal });
  const draft = await requestPlan(planner, {
    ...goal,
    catalog,
    now: new Date().toISOString(),
    mayAsk: true,
    mayLook: true,
    signal: AbortSignal.any([signal, limit]),
    check,
    charge: (tokens) => addUsage(usage, tokens),
    onSpent: () =>
      usage.inputTokens + usage.outputTokens > most ? `Planning took more than ${most} tokens.` : undefined,
    onError: (error) => {
      if (signal.aborted || isDatabaseTrouble(error)) throw error;
      if (limit.aborted)
        return noDraft(`Planning takes longer than ${PLANNING_MS / 1000} seconds. A run has more time.`);
      log.error({ err: error }, 'Planning for a preflight failed because of an internal error.');
      return noDraft('Planning failed because of an internal error.');
    },
  });
  return { draft, usage, doubts: lastDoubts() };
}

/** Maximum preflights that are planned at the same time: of one workspace, and in all. */
const MAX_PREFLIGHTS_OF_WORKSPACE = 2;
const MAX_PREFLIGHTS = 8;

/** Limits the concurrent preflights of this process, because they share the planning threads with runs. */
export class PlanningSlots {
  readonly #inUse = new Map<string, number>();
  #all = 0;

  /** @throws ProblemError too_many_preflights */
  async run<T>(workspaceId: string, work: () => Promise<T>): Promise<T> {
    const inUse = this.#inUse.get(workspaceId) ?? 0;
    if (inUse >= MAX_PREFLIGHTS_OF_WORKSPACE || this.#all >= MAX_PREFLIGHTS) {
      const detail = 'Other preflights are being planned. Try again, with fewer at once.';
      throw problem('too_many_preflights', detail, {
        headers: { 'retry-after': '1' },
        values: { retryAfterSeconds: 1 },
      });
    }
    this.#inUse.set(workspaceId, inUse + 1);
    this.#all++;
    try {
      return await work();
    } finally {
      this.#all--;
      const remaining = this.#inUse.get(workspaceId)! - 1;
      if (remaining > 0) this.#inUse.set(workspaceId, remaining);
      else this.#inUse.delete(workspaceId);
    }
  }
}
