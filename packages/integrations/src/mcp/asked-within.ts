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
import { failure } from '../execute/outcome.ts';
import { isMcpCall } from './mcp-call.ts';
import { outcomeOfInputRequired } from './mcp-input.ts';

/** How many answers a server gets within one call. */
const MAX_ANSWERS = 40;
/** The only revision with a handshake in which a page can be asked for. */
const WITH_PAGES = '2025-11-25';

type Answers = Readonly<Record<string, InputAnswer>>;
/** What is kept of earlier rounds, in place of a state of the server. */
const Kept = z.object({ answers: z.record(z.string(), z.looseObject({ action: InputAction })) });

/**
 * Whether a call may be given up and made again: then a server of an earlier revision may ask within it. A tool that is a write because its
 * owner says so is none for which the server's word counts that it reads.
 */
export const mayBeAsked = ({ effect, idempotent, call }: DescribedTool): boolean =>
  effect === 'read' || (idempotent && isMcpCall(call) && call.hints?.idempotentHint === true);

type Asking = {
  /** Forms of the secrets that were sent so far. */
  forms: () => readonly string[];
  /** Origin of the server. */
  origin: string;
  writes: boolean;
};

/**
 * What a server of an earlier revision asks within a call. A question with a kept answer is answered at once; with another one the call is
 * given up, and made again once there is an answer.
 */
export class AskedWithin {
  readonly #kept: Answers;
  readonly #asking: Asking;
  readonly #givenUp = new AbortController();
  #answers = 0;
  #outcome: ToolOutcome | undefined;

  constructor({ answers, state }: InputResponses, asking: Asking) {
    this.#kept = { ...(state && keptIn(state.reveal())), ...answers };
    this.#asking = asking;
  }

  /** Aborts when the call is given up. */
  get signal(): AbortSignal {
    return this.#givenUp.signal;
  }

  /** What a call that was given up comes to. */
  get outcome(): ToolOutcome | undefined {
    return this.#outcome;
  }

  /** The answer to a request; none for one that nobody has answered yet. */
  answer(request: ElicitRequest, revision: string | undefined): ElicitResult | Promise<never> {
    if (request.params.mode === 'url' && revision !== WITH_PAGES) return { action: 'decline' };
    const outcome = this.#read(request);
    if (!outcome.ok && outcome.asks) {
      const { name } = outcome.asks.inputs[0]!;
      const keptAnswer = Object.hasOwn(this.#kept, name) ? this.#kept[name] : undefined;
      if (keptAnswer && this.#answers++ < MAX_ANSWERS) {
        const { action, content } = keptAnswer;
        return { action, ...(content && { content }) };
      }
    }
    this.#outcome ??= this.#answers > MAX_ANSWERS ? tooOften(this.#asking.writes) : outcome;
    this.#givenUp.abort();
    // Whatever was said now would be taken for the user's word.
    return new Promise<never>(() => {});
  }

  /** The same as if it had ended its call with the question, with the answers of before as its state. */
  #read(request: ElicitRequest): ToolOutcome {
    const { forms, origin, writes } = this.#asking;
    const requestState = Object.keys(this.#kept).length > 0 ? JSON.stringify({ answers: this.#kept }) : undefined;
    const question = { inputRequests: { asked: request }, ...(requestState !== undefined && { requestState }) };
    const outcome = outcomeOfInputRequired(question as never, { forms: forms(), origin });
    if (outcome.ok) return outcome;
    if (!outcome.asks) return { ...outcome, effectKnown: writes ? 'unknown' : 'no' };
    // The form is no deeper than what is passed on, or there would be no inputs.
    const name = nameOf(request);
    return { ...outcome, asks: { ...outcome.asks, inputs: outcome.asks.inputs.map((input) => ({ ...input, name })) } };
  }
}

/** A question is the same when its words and its form are. */
const nameOf = ({ params }: ElicitRequest): string => {
  const { message, requestedSchema = null, url = null } = params as Record<string, unknown>;
  return sha256(JSON.stringify([message, requestedSchema, url], inOrder));
};

const inOrder = (_: string, value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
    : value;

function keptIn(state: string): Answers {
  try {
    return (Kept.safeParse(JSON.parse(state)).data?.answers ?? {}) as Answers;
  } catch {
    // The state of a server that spoke another revision then.
    return {};
  }
}

const tooOften = (writes: boolean): ToolOutcome =>
  failure('input_refused', `It has asked more than ${MAX_ANSWERS} times within one call.`, {
    effectKnown: writes ? 'unknown' : 'no',
  });
