import {
  addUsage,
  type PlanDraft,
  type PreflightInput,
  type RunUser,
  type TokenUsage,
  type ToolSource,
} from '@errand/contracts';
import { isDatabaseTrouble } from '@errand/db';
import type { Sandbox } from '@errand/plan';
import type { Log } from '@errand/ports/log';
import type { Planner } from '@errand/ports/planner';
import type { Catalog } from '@errand/ports/toolbox';
import { noDraft, planCheck, requestPlan } from '../activation/planning/plan-check.ts';

/** How long a caller waits for a plan, in ms. */
const PLANNING_MS = 45_000;

type DraftDeps = { planner: Planner<ToolSource>; sandbox: Sandbox; log: Log; maxTokens: number };
/** The draft of a planner, the tokens that it spent, and the doubts about the plan. */
export type Drafted = { draft: PlanDraft; usage: TokenUsage; doubts: { pointer: string; message: string }[] };

/** Asks the planner for a plan, as a new run would. Nothing is called. @throws when the signal is aborted */
export async function draftPlan(
  { planner, sandbox, log, maxTokens }: DraftDeps,
  { input, user, catalog }: { input: PreflightInput; user: RunUser | null; catalog: Catalog },
  signal: AbortSignal,
): Promise<Drafted> {
  const { intent, context, userId, outputSchema, budget } = input;
  const usage: TokenUsage = { inputTokens: 0, outputTokens: 0 };
  const most = Math.min(budget?.maxTokens ?? maxTokens, maxTokens);
  const limit = AbortSignal.timeout(PLANNING_MS);
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
  return { draft, usage, doubts: lastDoubts().map(({ pointer, message }) => ({ pointer, message })) };
}
