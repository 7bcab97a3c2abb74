import { sha256 } from '@errand/basics/sha256';
import {
  choicesOf,
  fieldsFault,
  formOf,
  type Json,
  type JsonSchema,
  type NewRunEvent,
  QUESTION_LIMITS,
  type Question,
} from '@errand/contracts';
import { jsonText, storable } from '@errand/db';
import { type CallOutcome, canonicalJson, type Invocation, type StepError } from '@errand/plan';
import type { TellCall } from '../../activation/calls/in-flight.ts';
import type { PreviousCalls } from '../../activation/calls/previous-calls.ts';
import type { Outputs } from '../../activation/outputs.ts';
import type { ActivationWriter } from '../../activation/writer.ts';
import type { Asked, DecisionRequests } from './requests.ts';

/** Questions that a run asks at most, those of its planner included. */
const MAX_QUESTIONS = 20;

type Asking = { requests: DecisionRequests; writer: ActivationWriter };
/** A call that asks, and the words for it. */
type AskedCall = Invocation & { tell: TellCall };

/**
 * Asks people a question.
 * @param about the key of the call that it stands for, or of the planner's question
 * @returns why it is not asked
 */
export function askQuestion(
  { requests, writer }: Asking,
  asked: Question,
  about: { key: string; stepId?: string; tool?: string; sha256?: string },
): StepError | undefined {
  const choices = choicesOf(asked);
  const { fields } = asked;
  const wrong = fields && (choices ? 'A question has either choices or fields.' : fieldsFault(fields));
  if (wrong !== undefined) return { code: 'tool_args_invalid', message: wrong };
  const requestedSchema = fields && (storable(formOf(fields) as Json) as JsonSchema);
  const offered = { ...(choices && { choices }), ...(requestedSchema && { requestedSchema }) };
  const args = storable({ question: asked.question, ...offered } as Json) as Json & { question: string };
  if (Buffer.byteLength(jsonText(args)) > QUESTION_LIMITS.bytes) {
    const message = `A question with its choices or fields has at most ${QUESTION_LIMITS.bytes / 1024} KiB. Offer fewer, or shorter ones.`;
    return { code: 'tool_args_invalid', message };
  }
  if (requests.count('question') >= MAX_QUESTIONS) {
    return { code: 'budget_exhausted', message: `A run asks people at most ${MAX_QUESTIONS} questions.` };
  }
  const request = requests.request({ kind: 'question', text: args.question, args, ...about });
  const event: NewRunEvent = {
    type: 'question',
    requestId: request.decisionRequestId,
    ...(about.stepId !== undefined && { stepId: about.stepId }),
    question: args.question,
    ...offered,
    expiresAt: request.expiresAt!.toISOString(),
  };
  writer.add({ decisionRequest: request, event });
  return undefined;
}

/** Why a question has no answer, for people. */
export function unanswered({ text, decidedBy }: Pick<Asked, 'text' | 'decidedBy'>): StepError {
  const who = decidedBy === null ? 'Nobody answered in time' : `${decidedBy} gave no answer`;
  return { code: 'question_unanswered', message: `${who}: ${text}` };
}

/** The steps of a plan that ask people. An answer is kept in the ledger as the output of a read, and is read back from there. */
export class QuestionSteps {
  readonly #deps: Asking & { outputs: Outputs; previousCalls: PreviousCalls };

  constructor(deps: Asking & { outputs: Outputs; previousCalls: PreviousCalls }) {
    this.#deps = deps;
  }

  /** The outcome of one question: asks it if nobody has, and waits until it is decided. */
  async outcome({ step, iteration, toolCallId: key, tool, args, tell }: AskedCall): Promise<CallOutcome> {
    const { requests, writer, outputs, previousCalls } = this.#deps;
    const argsSha256 = sha256(canonicalJson(args));
    const known = previousCalls.row(key);
    const remembered = known && (await previousCalls.outcomeFromLedger(known, { step, tool, args, argsSha256, tell }));
    if (remembered) return remembered;
    const asked = requests.about('question', key);
    if (!asked) {
      const about = { key, stepId: step.id, tool: tool.name, sha256: argsSha256 };
      // The arguments fit the tool's input schema, which is that of a question.
      const fault = askQuestion(this.#deps, args as Question, about);
      return fault ? { kind: 'failed', ...fault } : { kind: 'waiting' };
    }
    if (asked.decision === null) return { kind: 'waiting' };
    if (asked.decision !== 'answer') return { kind: 'failed', ...unanswered(asked) };
    if (asked.sha256 !== argsSha256) {
      const message = 'The question is no longer the one that was answered.';
      return { kind: 'failed', code: 'approval_mismatch', message };
    }
    const output = outputs.fresh(key, asked.output);
    writer.add({
      ledger: {
        ...{ key, kind: 'tool', stepId: step.id, iteration: iteration ?? 0, tool: tool.name, args, argsSha256 },
        ...{ effect: 'read', state: 'DONE', output: output.text, idempotencyKey: null, attempts: 1 },
      },
    });
    return previousCalls.end(key, key, false, { kind: 'done', output });
  }
}
