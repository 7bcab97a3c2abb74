import { sha256 } from '@errand/basics/sha256';
import {
  type DescribedTool,
  InputAction,
  type InputAnswer,
  type InputResponses,
  type ToolOutcome,
} from '@errand/contracts';
import type { ElicitRequest, ElicitResult } from '@modelcontextprotocol/client';
import { z } from 'zod';
import { effectOf, failure } from '../execute/outcome.ts';
import { parsedJson } from '../parsed-json.ts';
import { isMcpCall } from './mcp-call.ts';
import { outcomeOfInputRequired } from './mcp-input.ts';

/** The most answers that a server gets within one call. */
const MAX_ANSWERS = 40;
/** The only revision with a handshake in which a server may ask for a page. */
const REVISION_WITH_PAGES = '2025-11-25';

type Answers = Readonly<Record<string, InputAnswer>>;
/** The answers of earlier rounds, sealed in place of a state of the server. */
const AnswerState = z.object({ answers: z.record(z.string(), z.looseObject({ action: InputAction })) });

/**
 * Whether a call may be canceled and repeated, so that a server of an earlier revision may ask within it. The effect is the owner's: a
 * server's hint cannot turn a write into a read.
 */
export const mayElicit = ({ effect, idempotent, call }: DescribedTool): boolean =>
  effect === 'read' || (idempotent && isMcpCall(call) && call.hints?.idempotentHint === true);

type QuestionContext = { secretForms: () => readonly string[]; origin: string; isWrite: boolean };

/**
 * Answers the questions of a server of an earlier revision within a call. A question with a kept answer is answered at once; any other
 * question cancels the call, which is repeated once there is an answer.
 */
export class CallQuestions {
  readonly #stored: Answers;
  readonly #context: QuestionContext;
  readonly #canceled = new AbortController();
  #answers = 0;
  /** Aborts when a question cancels the call. */
  readonly signal: AbortSignal = this.#canceled.signal;
  /** Of a canceled call. */
  outcome: ToolOutcome | undefined;

  constructor({ answers, state }: InputResponses, context: QuestionContext) {
    this.#stored = { ...(state && answersIn(state.reveal())), ...answers };
    this.#context = context;
  }

  /** The answer to a request; pending forever if there is none yet. */
  answer(request: ElicitRequest, revision: string | undefined): ElicitResult | Promise<never> {
    if (request.params.mode === 'url' && revision !== REVISION_WITH_PAGES) return { action: 'decline' };
    const outcome = this.#outcomeOf(request);
    if (!outcome.ok && outcome.asks) {
      const { name } = outcome.asks.inputs[0]!;
      const keptAnswer = Object.hasOwn(this.#stored, name) ? this.#stored[name] : undefined;
      if (keptAnswer && this.#answers++ < MAX_ANSWERS) {
        const { action, content } = keptAnswer;
        return { action, ...(content && { content }) };
      }
    }
    const tooOften = failure('input_refused', TOO_OFTEN, { effectKnown: effectOf(this.#context.isWrite) });
    this.outcome ??= this.#answers > MAX_ANSWERS ? tooOften : outcome;
    this.#canceled.abort();
    // The server would take any answer for the user's.
    return new Promise<never>(() => {});
  }

  /** Reads a question as if it had ended the call, with the earlier answers as the state. */
  #outcomeOf(request: ElicitRequest): ToolOutcome {
    const { secretForms, origin, isWrite } = this.#context;
    const requestState = Object.keys(this.#stored).length > 0 ? JSON.stringify({ answers: this.#stored }) : undefined;
    const question = { inputRequests: { asked: request }, ...(requestState !== undefined && { requestState }) };
    const outcome = outcomeOfInputRequired(question as never, { secretForms: secretForms(), origin });
    if (outcome.ok) return outcome;
    if (!outcome.asks) return { ...outcome, effectKnown: effectOf(isWrite) };
    // `nameOf` may recurse: a form that is nested too deeply has no inputs.
    const name = questionName(request);
    return { ...outcome, asks: { ...outcome.asks, inputs: outcome.asks.inputs.map((input) => ({ ...input, name })) } };
  }
}

/** Two questions are the same if their text and form are. */
const questionName = ({ params }: ElicitRequest): string => {
  const { message, requestedSchema = null, url = null } = params as Record<string, unknown>;
  return sha256(JSON.stringify([message, requestedSchema, url], withSortedMembers));
};

const withSortedMembers = (_: string, value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
    : value;

/** Empty for the state of a server that spoke another revision at that time. */
const answersIn = (state: string): Answers => (AnswerState.safeParse(parsedJson(state)).data?.answers ?? {}) as Answers;

const TOO_OFTEN = `The service asked more than ${MAX_ANSWERS} times within one call.`;
