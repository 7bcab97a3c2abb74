import type { JsonSchema, TokenUsage } from '@errand/contracts';

/** `stable`: how many characters at its beginning are the same in other conversations, so that endpoints can cache them. */
export type Message = { role: 'user' | 'assistant'; content: string; stable?: number };

export type ModelPrompt = {
  system: string;
  messages: Message[];
  /** Shape of the answer, for endpoints that can hold a model to it. */
  schema?: JsonSchema;
  /** Equal for conversations that begin alike. */
  cacheKey?: string;
  signal: AbortSignal;
};

/**
 * `finish`: `length` when the answer was cut off, `content-filter` when it was withheld, `tool-calls` when the model called a function; anything
 * else is a whole answer.
 */
export type ModelAnswer = {
  text: string;
  finish: string;
  /** The ceiling at which the answer was cut off, in tokens; lower than the setting where the endpoint takes no more. */
  cutAt?: number;
  /** Which model answered, when that may be another one than usual. */
  madeBy?: string;
};

/**
 * Asks a model once and adds the tokens that it cost to `usage`.
 * @throws ModelFailure when there is no usable answer
 */
export type AskModel = (prompt: ModelPrompt, usage: TokenUsage) => Promise<ModelAnswer>;

/** A model that plans are made with. */
export type Model = { ask: AskModel; planning: ModelPlanning };

/** How plans are made with a model. */
export type ModelPlanning = {
  /** How often an unusable plan may be sent back to the model. */
  maxRepairs: number;
  /** Ceiling of one answer, in tokens. */
  maxOutputTokens: number;
  /** More tools than this are named alone at first, and shown when the model asks for them. */
  maxToolsShown: number;
  /** What a plan says of who made it. */
  madeBy: string;
};
