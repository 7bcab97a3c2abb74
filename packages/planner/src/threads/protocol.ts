import type { PlanRequest, TokenUsage } from '@errand/contracts';
import type { ModelAnswer, ModelPlanning, ModelPrompt } from '@errand/ports/model';

/** The planner that a thread runs. */
export type PlannerChoice = { model?: ModelPlanning };

/** The part of a request that a thread gets; as JSON text, which is faster than a structured clone. */
export type SentRequest = Omit<PlanRequest<never>, 'tools' | 'signal' | 'check' | 'spend'>;

/** The part of a search that a thread gets. */
export type SearchQuery = { text: string /** Most tools. */; limit: number };

/** A found tool, with its score relative to the others. */
export type ToolHit = { name: string; score: number };

/** A request of a running plan to the service: check a plan, or call the model. */
export type JobQuery = { check: unknown } | { model: Omit<ModelPrompt, 'signal' | 'span'> };
export type JobAnswer =
  | { complaints: readonly { pointer: string; message: string }[] }
  | { model: ModelAnswer; usage: TokenUsage }
  | { failed: { message: string; retryable: boolean }; usage: TokenUsage };

export type ToThread =
  | { type: 'add-tools'; key: string; texts: readonly string[] }
  | { type: 'drop-tools'; key: string }
  | { type: 'plan' | 'search'; job: number; keys: readonly string[]; request: string }
  | { type: 'answer'; job: number; answer: string }
  | { type: 'abort'; job: number };

export type FromThread =
  /** `thread`: the system's id of it, where the system reports processor time. */
  | { type: 'ready'; thread: string | undefined }
  /** The tools of a job are read and indexed, and its work begins. `processorMs`: the thread's processor time so far. */
  | { type: 'indexed'; job: number; processorMs: number | undefined }
  | { type: 'query'; job: number; query: string }
  | { type: 'result'; job: number; result: string }
  | { type: 'failed'; job: number; message: string };
