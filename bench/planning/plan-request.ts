import type { PlanRequest, ToolSpec } from '@errand/contracts';
import { checkPlan, type Sandbox } from '@errand/plan';

const NOW = '2026-11-25T09:00:00.000Z';
const USER = 'dana@example.com';
const TIME_MS = 60_000;

/** What a planner is asked for an intent, with the real checker. */
export const planRequest = (
  intent: string,
  context: string,
  tools: readonly ToolSpec[],
  sandbox: Sandbox,
): PlanRequest => ({
  intent,
  context,
  userId: USER,
  now: NOW,
  tools,
  instructions: [],
  signal: AbortSignal.timeout(TIME_MS),
  check: async (plan) => {
    const checked = await checkPlan(plan, { tools, sandbox, mayFill: false });
    return checked.ok ? [] : checked.complaints;
  },
});
