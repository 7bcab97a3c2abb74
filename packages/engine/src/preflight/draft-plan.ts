import {
  addUsage,
  type PlanDraft,
  type PlanRequest,
  type PreflightInput,
  type RunUser,
  type TokenUsage,
  type ToolSource,
} from '@errand/contracts';
import { isDatabaseTrouble } from '@errand/db';
import { checkPlan, type Doubt, type Sandbox } from '@errand/plan';
import type { Log } from '@errand/ports/log';
import type { Planner } from '@errand/ports/planner';
import type { Catalog } from '@errand/ports/toolbox';
import { userTextsOf } from '../activation/planning/plan-check.ts';

/** How long a caller waits for a plan, in ms. */
const PLANNING_MS = 45_000;

type Deps = { planner: Planner<ToolSource>; sandbox: Sandbox; log: Log; maxTokens: number };
/** What a planner drafted, what it spent, and what is doubtful about the plan. */
export type Drafted = { draft: PlanDraft; usage: TokenUsage; doubts: { pointer: string; message: string }[] };

/** Asks the planner for a plan, as a new run would. Nothing is called. @throws when the signal is aborted */
export async function draftPlan(
  { planner, sandbox, log, maxTokens }: Deps,
  { input, user, catalog }: { input: PreflightInput; user: RunUser | null; catalog: Catalog },
  signal: AbortSignal,
): Promise<Drafted> {
  const { intent, context, userId, outputSchema, budget } = input;
  const usage: TokenUsage = { inputTokens: 0, outputTokens: 0 };
  const most = Math.min(budget?.maxTokens ?? maxTokens, maxTokens);
  const limit = AbortSignal.timeout(PLANNING_MS);
  let charged = false;
  let doubts: readonly Doubt[] = [];
  const heard = new Set<string>();
  const spend = (more: TokenUsage): string | undefined => {
    charged = true;
    addUsage(usage, more);
    return usage.inputTokens + usage.outputTokens > most ? `Planning took more than ${most} tokens.` : undefined;
  };
  const meaning = { userTexts: userTextsOf({ intent, context, userId, ...(user && { user }) }) };
  const check: PlanRequest['check'] = async (plan) => {
    const checked = await checkPlan(plan, {
      ...{ tools: catalog, sandbox, mayFill: planner.fill !== undefined, planned: true },
      ...(planner.replans && { meaning }),
      ...(outputSchema && { outputSchema }),
    });
    doubts = checked.doubts;
    // As in a run: a doubt is told once.
    const fresh = planner.replans ? doubts.filter(({ message }) => !heard.has(message)) : [];
    for (const { message } of fresh) heard.add(message);
    return [...(checked.ok ? [] : checked.complaints), ...fresh];
  };
  const request: PlanRequest<ToolSource> = {
    ...{ intent, context, userId, now: new Date().toISOString(), tools: catalog, instructions: catalog.instructions },
    ...(user && { user }),
    ...(outputSchema && { outputSchema }),
    seenOutputs: await catalog.seenOutputs(),
    ...{ answers: [], mayAsk: true, mayLook: true, spend, check },
    signal: AbortSignal.any([signal, limit]),
  };
  const failed = (reason: string): PlanDraft => ({
    ...{ kind: 'none', code: 'plan_failed', reason, retryable: true, usage: { inputTokens: 0, outputTokens: 0 } },
  });
  const draft = await planner.plan(request).catch((error: unknown): PlanDraft => {
    if (signal.aborted || isDatabaseTrouble(error)) throw error;
    if (limit.aborted) return failed(`Planning takes longer than ${PLANNING_MS / 1000} seconds. A run has more time.`);
    log.error({ err: error }, 'Planning for a preflight failed because of an internal error.');
    return failed('Planning failed because of an internal error.');
  });
  if (!charged) addUsage(usage, draft.usage);
  return { draft, usage, doubts: doubts.map(({ pointer, message }) => ({ pointer, message })) };
}
