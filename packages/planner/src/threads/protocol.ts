import type { PlanRequest, TokenUsage } from '@errand/contracts';
import type { ModelAnswer, ModelPlanning, ModelPrompt } from '@errand/ports/model';

/** Which planner a thread runs. */
export type PlannerChoice = { model?: ModelPlanning };

/** What crosses into a thread of a request; as JSON text, which is faster than a structured clone. */
export type CrossingRequest = Omit<PlanRequest<never>, 'tools' | 'signal' | 'check' | 'spend'>;

/** What crosses into a thread of a search. */
export type CrossingSearch = { text: string /** Most tools. */; limit: number };

/** A tool that was found: its name, and how well it fits next to the others. */
export type ToolHit = { name: string; score: number };

/** What a plan under way asks of the service: whether a plan will do, or what the model says. */
export type JobQuery = { check: unknown } | { model: Omit<ModelPrompt, 'signal'> };
export type JobAnswer =
  | { complaints: readonly { pointer: string; message: string }[] }
  | { model: ModelAnswer; usage: TokenUsage }
  | { failed: { message: string; retryable: boolean }; usage: TokenUsage };

export type ToThread =
  | { do: 'keep'; key: string; texts: readonly string[] }
  | { do: 'drop'; key: string }
  | { do: 'plan' | 'search'; job: number; keys: readonly string[]; request: string }
  | { do: 'answer'; job: number; answer: string }
  | { do: 'stop'; job: number };

export type FromThread =
  /** `thread`: the id that the system gives it, where the system reports processor time. */
  | { say: 'ready'; thread: string | undefined }
  /** The tools of a job are read and indexed, and its work begins. `processorMs`: what the thread has used until then. */
  | { say: 'indexed'; job: number; processorMs: number | undefined }
  | { say: 'asks'; job: number; asked: string }
  | { say: 'ends'; job: number; result: string }
  | { say: 'breaks'; job: number; message: string };
