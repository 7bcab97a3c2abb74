import { sha256 } from '@errand/basics/sha256';
import type { Question } from '@errand/contracts';
import { type CallOutcome, canonicalJson, type Invocation } from '@errand/plan';
import { askQuestion, unanswered } from '../../decisions/ask/questions.ts';
import type { DecisionRequests } from '../../decisions/ask/requests.ts';
import type { ActivationWriter } from '../../events/writer.ts';
import type { Outputs } from '../outputs.ts';
import type { DescribeCall, PreviousCalls } from './previous-calls.ts';

type QuestionStepsDeps = {
  requests: DecisionRequests;
  writer: ActivationWriter;
  outputs: Outputs;
  previousCalls: PreviousCalls;
};

/** The steps of a plan that ask people. The ledger stores each answer as the output of a read. */
export class QuestionSteps {
  readonly #deps: QuestionStepsDeps;

  constructor(deps: QuestionStepsDeps) {
    this.#deps = deps;
  }

  /** The outcome of one question. Asks it on the first call, then waits for the decision. */
  async outcome(question: Invocation & { describe: DescribeCall }): Promise<CallOutcome> {
    const { step, iteration, toolCallId: key, tool, args, describe } = question;
    const { requests, writer, outputs, previousCalls } = this.#deps;
    const argsSha256 = sha256(canonicalJson(args));
    const row = previousCalls.row(key);
    const earlier = row && (await previousCalls.outcomeFromLedger(row, { step, tool, args, argsSha256, describe }));
    if (earlier) return earlier;
    const request = requests.about('question', key);
    if (!request) {
      const about = { key, stepId: step.id, tool: tool.name, sha256: argsSha256 };
      // The tool's input schema is that of a question, so the arguments fit.
      const fault = askQuestion(this.#deps, args as Question, about);
      return fault ? { kind: 'failed', ...fault } : { kind: 'waiting' };
    }
    if (request.decision === null) return { kind: 'waiting' };
    if (request.decision !== 'answer') return { kind: 'failed', ...unanswered(request) };
    if (request.sha256 !== argsSha256) {
      const message = 'The question is no longer the one that was answered.';
      return { kind: 'failed', code: 'approval_mismatch', message };
    }
    const output = outputs.fresh(key, request.output);
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
    return previousCalls.end(key, key, false, { kind: 'done', output });
  }
}
