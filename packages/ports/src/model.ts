import type { JsonSchema, TokenUsage } from '@errand/contracts';
import type { Traced } from './observer.ts';

/** `stableLength`: the number of leading characters that are the same in other conversations, so that endpoints can cache them. */
export type Message = { role: 'user' | 'assistant'; content: string; stableLength?: number };

export type ModelPrompt = Traced & {
  system: string;
  messages: Message[];
  /** Schema of the answer, for endpoints that can enforce one. */
  schema?: JsonSchema;
  /** Equal for conversations that begin alike. */
  cacheKey?: string;
  signal: AbortSignal;
};

/**
 * `finish`: `length` when the answer was cut off, `content-filter` when it was withheld, `tool-calls` when the model called a function; any
 * other value means a complete answer.
 */
export type ModelAnswer = {
  text: string;
  finish: string;
  /** The ceiling at which the answer was cut off, in tokens; lower than the setting where the endpoint accepts no more. */
  cutAt?: number;
  /** The model that answered, if it may differ from the usual one. */
  madeBy?: string;
};

/** Asks a model once and adds the tokens that it cost to `usage`. @throws ModelFailure when there is no usable answer */
export type AskModel = (prompt: ModelPrompt, usage: TokenUsage) => Promise<ModelAnswer>;

export type Model = { ask: AskModel; planning: ModelPlanning };

export type ModelPlanning = {
  /** The number of times that an unusable plan may be sent back to the model. */
  maxRepairs: number;
  maxOutputTokens: number;
  /** If there are more tools, the prompt lists only their names, and shows a tool when the model asks for it. */
  maxToolsShown: number;
  /** The name under which plans are stored. */
  madeBy: string;
};
