import type { CreatedRun } from '@errand/contracts';
import { ANSWER_BYTES, type AnswerText, type Engine } from '@errand/engine';

/** A created run with its plan. The plan reduces the size that is available for events. */
export async function readRunWithPlan(
  engine: Engine,
  workspaceId: string,
  view: { runId: string; includeEvents: boolean; executionPlanId: string },
  maxBytes = ANSWER_BYTES,
): Promise<AnswerText<CreatedRun>> {
  const { executionPlanId, ...rest } = view;
  const plan = await engine.readPlan(workspaceId, executionPlanId);
  const bytesLeft = maxBytes - Buffer.byteLength(JSON.stringify(plan)) - '"plan":,'.length;
  const run = await engine.getRun(workspaceId, { ...rest, includeToolCalls: false, maxBytes: bytesLeft });
  return run.with({ plan });
}
