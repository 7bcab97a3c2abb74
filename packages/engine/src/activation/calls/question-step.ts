import { sha256 } from '@errand/basics/sha256';
import type { Question } from '@errand/contracts';
import { type CallOutcome, canonicalJson, type Invocation } from '@errand/plan';
import { askQuestion, unansweredQuestion } from '../../decisions/ask/questions.ts';
import type { ActivationDeps } from '../activation-deps.ts';
import type { Outputs } from '../outputs.ts';
import type { DescribeCall, PreviousCalls } from './previous-calls.ts';

/**
 * The outcome of a step that asks people. Asks on the first call, then waits for the decision. The ledger stores the answer as the output
 * of a read.
 */
export async function questionOutcome(
  deps: Pick<ActivationDeps, 'requests' | 'writer'> & { outputs: Outputs },
  previousCalls: PreviousCalls,
  invocation: Invocation & { describe: DescribeCall },
): Promise<CallOutcome> {
  const { step, iteration, toolCallId: key, tool, args, describe } = invocation;
  const { requests, writer, outputs } = deps;
  const argsSha256 = sha256(canonicalJson(args));
  const row = previousCalls.row(key);
  const earlierOutcome =
    row && (await previousCalls.outcomeFromLedger(row, { step, tool, args, argsSha256, describe }));
  if (earlierOutcome) return earlierOutcome;
  const request = requests.newest('question', key);
  if (!request) {
    const callRef = { key, stepId: step.id, tool: tool.name, sha256: argsSha256 };
    // The tool's input schema is that of a question, so the arguments fit.
    const fault = askQuestion(deps, args as Question, callRef);
    return fault ? { kind: 'failed', ...fault } : { kind: 'waiting' };
  }
  if (request.decision === null) return { kind: 'waiting' };
  if (request.decision !== 'answer') return { kind: 'failed', ...unansweredQuestion(request) };
  if (request.sha256 !== argsSha256) {
    const message = 'The question is no longer the one that was answered.';
    return { kind: 'failed', code: 'approval_mismatch', message };
  }
  const output = outputs.addNew(key, request.output);
  writer.add({
    ledger: {
      key,
      kind: 'tool',
      stepId: step.id,
      iteration: iteration ?? 0,
      tool: tool.name,
      args,
      argsSha256,
      effect: 'read',
      state: 'DONE',
      output: output.text,
      idempotencyKey: null,
      attempts: 1,
    },
  });
  return previousCalls.recordEnd(key, { outcome: { kind: 'done', output } });
}
