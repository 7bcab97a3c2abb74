import type { TokenUsage } from '@errand/contracts';

export type Message = { role: 'user' | 'assistant'; content: string };

export type ModelPrompt = { system: string; messages: Message[]; signal: AbortSignal };

/** `finish`: `length` when the answer was cut off, `content-filter` when it was withheld; anything else is a whole answer. */
export type ModelAnswer = { text: string; finish: string };

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
  /** With more tools than this, those that fit the intent's words are described in full, the rest by name. */
  maxToolsShown: number;
  /** What a plan says of who made it. */
  madeBy: string;
};
