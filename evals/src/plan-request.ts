import { randomBytes } from 'node:crypto';
import type { PlanRequest, ToolSpec } from '@errand/contracts';
import { checkPlan, type Sandbox } from '@errand/plan';

const NOW = '2026-11-25T09:00:00.000Z';
/** The same for all cases, as for the runs of a workspace, so that endpoints can cache the common part of prompts. */
const DATA_KEY = randomBytes(12).toString('hex');
const USER = { id: 'dana@example.com', name: 'Dana Whitfield' };
/** A model may take minutes. */
const TIME_MS = 300_000;

/** The request to a planner for an intent, with the real checker. */
export const planRequest = (
  intent: string,
  context: string,
  tools: readonly ToolSpec[],
  { sandbox, mayFill = false }: { sandbox: Sandbox; mayFill?: boolean },
): PlanRequest => ({
  intent,
  context,
  userId: USER.id,
  user: { name: USER.name },
  now: NOW,
  tools,
  instructions: [],
  dataKey: DATA_KEY,
  mayLook: true,
  signal: AbortSignal.timeout(TIME_MS),
  check: async (plan) => {
    const checked = await checkPlan(plan, { tools, sandbox, mayFill });
    return checked.ok ? [] : checked.complaints;
  },
});
