import type { CreatedRun } from '@errand/contracts';
import { ANSWER_BYTES, type AnswerText, type Engine } from '@errand/engine';

/** The answer of creating a run: with its plan, which takes its share of the size before the events. */
export async function withPlan(
  engine: Engine,
  workspaceId: string,
  view: { runId: string; includeEvents: boolean; executionPlanId: string },
  maxBytes = ANSWER_BYTES,
): Promise<AnswerText<CreatedRun>> {
  const { executionPlanId, ...rest } = view;
  const plan = await engine.plan(workspaceId, executionPlanId);
  const roomLeft = maxBytes - Buffer.byteLength(JSON.stringify(plan)) - '"plan":,'.length;
  const run = await engine.get(workspaceId, { ...rest, includeToolCalls: false, maxBytes: roomLeft });
  return run.with({ plan });
}
