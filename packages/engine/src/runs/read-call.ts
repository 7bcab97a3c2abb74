import { problem, type ToolCall } from '@errand/contracts';
import { type RunScope, readCallTexts, readRenderedCall } from '@errand/db';
import { AnswerText } from '../events/answer-text.ts';
import { callText, notRequired } from '../events/frame.ts';

/** One call of a run with all its arguments and output, as its newest event shows it. @throws ProblemError not_found without such an event */
export async function readCall(scope: RunScope, runId: string, toolCallId: string): Promise<AnswerText<ToolCall>> {
  const call = await readRenderedCall(scope, runId, toolCallId);
  if (!call) throw problem('not_found', 'No event of the run shows such a call.');
  if (call.call !== null) return new AnswerText([call.call]);
  const everything = new Map([[runId, 2 ** 31 - 1]]);
  const [found] = await readCallTexts(scope, [{ runId, key: toolCallId }], everything);
  return new AnswerText([callText(runId, toolCallId, call.approval ?? notRequired, found)]);
}
